import type { ExecutionResult } from 'graphql';
import { isAsyncIterable, type FetchAPI, type Plugin } from 'graphql-yoga';
import { reconnectCodeOf } from './errors.js';
import { stringifyJson } from './exactJson.js';

const heartbeatMs = 12_000;
const statusOfCode = { UNAUTHENTICATED: 401, UNAVAILABLE: 503 };

/**
 * Subscriptions as server-sent events (graphql-sse, distinct connections), in place of yoga's own processor, which says `complete`
 * whatever ended the subscription. Here `complete` is the end of the subscription alone: when the token expires or the inbox is away,
 * the stream ends without it, so that the client connects again.
 */
export const eventStreams: Plugin = {
  onResultProcess({ request, result, resultProcessor, setResultProcessor }) {
    if (isAsyncIterable(result)) {
      if (resultProcessor) setResultProcessor((results, fetchAPI) => toResponse(results as AsyncIterable<ExecutionResult>, fetchAPI), 'text/event-stream');
    } else if (request.headers.get('accept') === 'text/event-stream' && !Array.isArray(result)) {
      const code = reconnectCodeOf(result as ExecutionResult);
      if (code) setResultProcessor((refusal, { Response }) => new Response(stringifyJson(refusal), { status: statusOfCode[code], headers: { 'Content-Type': 'application/json; charset=utf-8' } }), 'application/json');
    }
  },
};

function toResponse(results: AsyncIterable<ExecutionResult>, { ReadableStream, Response, TextEncoder }: FetchAPI): Response {
  const iterator = results[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  let heartbeat: NodeJS.Timeout;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(':\n\n')); // headers are only sent with the first bytes
      heartbeat = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(':\n\n'));
      }, heartbeatMs);
    },
    async pull(controller) {
      const { done, value } = await iterator.next();
      const reconnect = done ? undefined : reconnectCodeOf(value);
      if (!done && reconnect === undefined) return controller.enqueue(encoder.encode(`event: next\ndata: ${stringifyJson(value)}\n\n`));
      clearInterval(heartbeat);
      controller.enqueue(encoder.encode(done ? 'event: complete\ndata:\n\n' : `: ${reconnect}\n\n`));
      controller.close();
      await iterator.return?.();
    },
    async cancel() {
      clearInterval(heartbeat);
      await iterator.return?.();
    },
  });
  return new Response(body, {
    headers: {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache',
      'X-Accel-Buffering': 'no', // nginx collects a response before it passes it on, unless told not to
    },
  });
}
