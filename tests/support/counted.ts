import type { Exchange } from '../../core/exchange.js';
import { events, exchange, message, textBlock } from './exchange.js';

/** A message that says these words, to a prompt of so many input tokens. */
export const reply = (words: string, input_tokens: number) =>
  message({ content: [textBlock(words)], usage: { input_tokens, output_tokens: 4 } });

/** The exchange in which it came as JSON. */
export const says = (fixture: string, words: string, input_tokens = 0): Exchange =>
  exchange({ fixture, json: reply(words, input_tokens) });

/** The same as a stream. */
export const streams = (fixture: string, words: string, input_tokens = 0): Exchange =>
  exchange({ fixture, events: events(reply(words, input_tokens)) });
