// Reads the task from standard input and prints one line of JSON for each probe: what the client returned, or its error.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/anthropics/anthropic-sdk-go/v2"
	"github.com/anthropics/anthropic-sdk-go/v2/option"
	"github.com/anthropics/anthropic-sdk-go/v2/packages/param"
)

type task struct {
	Model   string            `json:"model"`
	APIKey  string            `json:"apiKey"`
	Headers map[string]string `json:"headers"`
	Tool    struct {
		Name        string `json:"name"`
		Description string `json:"description"`
		InputSchema struct {
			Properties map[string]any `json:"properties"`
			Required   []string       `json:"required"`
		} `json:"input_schema"`
	} `json:"tool"`
	Prompts struct {
		Plain        string `json:"plain"`
		Tool         string `json:"tool"`
		TextAndTools string `json:"textAndTools"`
		Result       string `json:"result"`
		NoModel      string `json:"noModel"`
	} `json:"prompts"`
	Probes []struct {
		Name string `json:"name"`
		URL  string `json:"url"`
	} `json:"probes"`
}

type call struct {
	Name    string          `json:"name"`
	Input   json.RawMessage `json:"input"`
	Invalid bool            `json:"invalid,omitempty"`
}

type shown struct {
	Text         string  `json:"text"`
	Tools        []call  `json:"tools"`
	Stop         *string `json:"stop"`
	InputTokens  int64   `json:"inputTokens"`
	OutputTokens int64   `json:"outputTokens"`
}

type failure struct {
	Class   string `json:"class"`
	Message string `json:"message"`
	Status  *int   `json:"status"`
}

type line struct {
	Probe   string   `json:"probe"`
	Message *shown   `json:"message,omitempty"`
	Error   *failure `json:"error,omitempty"`
}

func show(message *anthropic.Message) *shown {
	usage := message.Usage
	out := &shown{
		Tools:        []call{},
		InputTokens:  usage.InputTokens + usage.CacheCreationInputTokens + usage.CacheReadInputTokens,
		OutputTokens: usage.OutputTokens,
	}
	if stop := string(message.StopReason); stop != "" {
		out.Stop = &stop
	}
	for _, block := range message.Content {
		switch block.Type {
		case "text":
			out.Text += block.Text
		case "tool_use":
			if json.Valid(block.Input) {
				out.Tools = append(out.Tools, call{Name: block.Name, Input: block.Input})
			} else {
				out.Tools = append(out.Tools, call{Name: block.Name, Input: json.RawMessage("null"), Invalid: true})
			}
		}
	}
	return out
}

func failed(err error) *failure {
	var rejected *anthropic.Error
	if errors.As(err, &rejected) {
		return &failure{Class: "anthropic.Error", Message: err.Error(), Status: &rejected.StatusCode}
	}
	return &failure{Class: fmt.Sprintf("%T", err), Message: err.Error()}
}

func user(text string) []anthropic.MessageParam {
	return []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(text))}
}

func (t task) tools() []anthropic.ToolUnionParam {
	return []anthropic.ToolUnionParam{{OfTool: &anthropic.ToolParam{
		Name:        t.Tool.Name,
		Description: param.NewOpt(t.Tool.Description),
		InputSchema: anthropic.ToolInputSchemaParam{
			Properties: t.Tool.InputSchema.Properties,
			Required:   t.Tool.InputSchema.Required,
		},
	}}}
}

func (t task) request(maxTokens int64, messages []anthropic.MessageParam) anthropic.MessageNewParams {
	return anthropic.MessageNewParams{Model: anthropic.Model(t.Model), MaxTokens: maxTokens, Messages: messages}
}

func (t task) forced() anthropic.MessageNewParams {
	request := t.request(512, user(t.Prompts.Tool))
	request.Tools = t.tools()
	request.ToolChoice = anthropic.ToolChoiceParamOfTool(t.Tool.Name)
	return request
}

func streamed(ctx context.Context, client anthropic.Client, request anthropic.MessageNewParams) (*anthropic.Message, error) {
	stream := client.Messages.NewStreaming(ctx, request)
	message := anthropic.Message{}
	for stream.Next() {
		if err := message.Accumulate(stream.Current()); err != nil {
			return nil, err
		}
	}
	return &message, stream.Err()
}

func (t task) toolLoop(ctx context.Context, client anthropic.Client) (*anthropic.Message, error) {
	first, err := client.Messages.New(ctx, t.forced())
	if err != nil {
		return nil, err
	}
	results := []anthropic.ContentBlockParamUnion{}
	for _, block := range first.Content {
		if block.Type == "tool_use" {
			results = append(results, anthropic.NewToolResultBlock(block.ID, t.Prompts.Result, false))
		}
	}
	request := t.request(512, append(user(t.Prompts.Tool), first.ToParam(), anthropic.NewUserMessage(results...)))
	request.Tools = t.tools()
	return client.Messages.New(ctx, request)
}

func (t task) run(ctx context.Context, probe string, client anthropic.Client) (message *anthropic.Message, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("panic: %v", reason)
		}
	}()
	switch probe {
	case "create":
		return client.Messages.New(ctx, t.request(64, user(t.Prompts.Plain)))
	case "stream":
		return streamed(ctx, client, t.request(64, user(t.Prompts.Plain)))
	case "stream-tool":
		return streamed(ctx, client, t.forced())
	case "text-and-tools":
		request := t.request(512, user(t.Prompts.TextAndTools))
		request.Tools = t.tools()
		return streamed(ctx, client, request)
	case "tool-loop":
		return t.toolLoop(ctx, client)
	default:
		request := t.request(64, user(t.Prompts.Plain))
		request.Model = anthropic.Model(t.Prompts.NoModel)
		return client.Messages.New(ctx, request)
	}
}

func main() {
	var t task
	if err := json.NewDecoder(os.Stdin).Decode(&t); err != nil {
		panic(err)
	}
	out := json.NewEncoder(os.Stdout)
	for _, probe := range t.Probes {
		options := []option.RequestOption{
			option.WithBaseURL(probe.URL), option.WithAPIKey(t.APIKey),
			option.WithMaxRetries(0), option.WithRequestTimeout(30 * time.Second),
		}
		for name, value := range t.Headers {
			options = append(options, option.WithHeader(name, value))
		}
		client := anthropic.NewClient(options...)
		message, err := t.run(context.Background(), probe.Name, client)
		if err != nil {
			_ = out.Encode(line{Probe: probe.Name, Error: failed(err)})
		} else {
			_ = out.Encode(line{Probe: probe.Name, Message: show(message)})
		}
	}
}
