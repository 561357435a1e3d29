/** Markup of chat templates that a server should have read, in the text of replies. */

import { quote } from '../../core/json.js';
import { text } from '../../core/message.js';
import type { Judge } from '../../core/requirement.js';
import { each } from './judges.js';
import { finding } from './outcomes.js';
import { calls } from './tool-views.js';
import { messageOf } from './views.js';

/** What chat templates put around calls: Hermes, Llama, Mistral, gpt-oss, DeepSeek. */
const CALL_MARKUP =
  /<\/?tool_call>|<function=\w|\[TOOL_CALLS\]|<\|(?:channel|python_tag|tool_calls?_(?:begin|end))\|>|<｜tool▁/;

/** Special tokens that chat templates put around messages: gpt-oss, ChatML, Llama. Servers read them; no model writes them as text. */
const TEMPLATE_TOKEN = /<\|(?:channel|message|start|im_start|im_end|eot_id|eom_id|start_header_id|end_header_id)\|>/;

/** No reply leaks markup that its request does not have. */
export const leaksNoMarkup: Judge = each(
  (exchange) => {
    const asked = exchange.request.body ?? '';
    return CALL_MARKUP.test(asked) || TEMPLATE_TOKEN.test(asked) ? null : messageOf(exchange);
  },
  (message, exchange) => {
    const markup = calls(message).length > 0 ? CALL_MARKUP.exec(text(message)) : null;
    const mark = markup ?? TEMPLATE_TOKEN.exec(text(message));
    if (mark === null) return [];
    const sentence =
      markup === null
        ? 'A special token of a chat template stands in the text; users read it.'
        : 'Markup of a tool call stands in the text beside the call; users read it.';
    return [finding(exchange, sentence, 'text without markup', quote(mark[0]), { pointer: '/content' })];
  },
  { nothing: 'No reply of this run has a message' },
);
