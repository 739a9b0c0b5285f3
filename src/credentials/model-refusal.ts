/** Refusals of a request that are about the model: too long for it, or something that it cannot do. Another model may serve it. Pure. */
import type { ProtocolError } from '../protocols/protocol-error.ts';

/** Codes and types of errors, in lower case. */
const modelWords = new Set([
  'context_length_exceeded', // OpenAI, Groq, Azure; platform.openai.com/docs/guides/error-codes
  'exceed_context_size_error', // llama.cpp server
  'request_too_large', // Anthropic; platform.claude.com/docs/en/api/errors
  'unsupported_model', // OpenAI: a parameter or a tool that the model has not
  'model_not_supported',
]);

/** Sentences of providers, each with who writes it. */
const modelSentences: readonly RegExp[] = [
  // OpenAI, DeepSeek, vLLM, OpenRouter, xAI ("maximum prompt length is …"), Mistral ("… with 32768 maximum context length")
  /maximum (?:context|prompt|input) length/i,
  // OpenAI's Responses, llama.cpp ("exceeds the available context size"), Anthropic ("exceed context limit")
  /exceeds? (?:the |this )?(?:model'?s? )?(?:available )?context (?:window|size|limit|length)/i,
  /(?:prompt|input|request) is too long/i, // Anthropic, Bedrock
  /input token count .*exceeds the maximum/is, // Gemini
  /input tokens exceed/i, // OpenAI
  /reduce the length of (?:the|your) (?:messages|prompt|input)/i, // OpenAI, Groq
  // "… does not support image input", "this model doesn't support tools" (OpenAI, Ollama, OpenRouter)
  /(?:models?|endpoints?)\b.{0,120}\b(?:does not|doesn't|do not|don't|cannot) (?:support|accept|handle|process)/is,
  /"?[\w./:-]+"? does not support (?:tools|thinking|images?|vision|streaming|function)/i, // Ollama
  // "image_url is only supported by certain models" (OpenAI), "X is not supported with this model", "… is not enabled for models/…" (Gemini)
  /only supported by certain models/i,
  /(?:not|n't) (?:supported|enabled|available|allowed) (?:by|for|with|in|on|when using) (?:this |the )?models?\b/i,
  /unknown variant `(?:image_url|input_audio|file)`/i, // DeepSeek
  /at most 0 (?:image|audio|video)/i, // vLLM
  /not a (?:multimodal|vision) model/i, // vLLM
];

/** Whether another model may take a request that was refused like this. */
export function isAboutModel({ status, code, type, message }: ProtocolError): boolean {
  if (status === 413) return true;
  if ([code, type].some((word) => word !== undefined && modelWords.has(word.toLowerCase()))) return true;
  return modelSentences.some((sentence) => sentence.test(message));
}
