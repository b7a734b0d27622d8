/** One server-sent event, or a comment (a heartbeat), which has no event. */
export interface SseMessage {
  readonly event: string | null;
  readonly id: string | null;
  readonly data: string;
  /** The server's reconnection time, in ms. */
  readonly retry: number | null;
}

/** No message of an inbox is longer. In UTF-16 code units. */
const longest = 1_048_576;

/** Parses `text/event-stream` (WHATWG HTML, 9.2). An incomplete message at the end is dropped, as specified there. */
export async function* readSse(body: ReadableStream<Uint8Array>): AsyncGenerator<SseMessage> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      rest += value;
      if (rest.length > longest) throw new Error('A message of the stream is too long.');
      const blocks = rest.split(/\r\n\r\n|\n\n|\r\r/);
      rest = blocks.pop() ?? '';
      for (const block of blocks) yield parse(block);
    }
  } finally {
    await reader.cancel().catch(() => undefined); // closes the connection when the consumer stops early
  }
}

function parse(block: string): SseMessage {
  let event: string | null = null;
  let id: string | null = null;
  let retry: number | null = null;
  const data: string[] = [];
  for (const line of block.split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(':');
    if (colon === 0) continue;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'event') event = value;
    else if (field === 'id') id = value;
    else if (field === 'data') data.push(value);
    else if (field === 'retry' && /^\d+$/.test(value)) retry = Number(value);
  }
  return { event: event ?? (data.length > 0 ? 'message' : null), id, data: data.join('\n'), retry };
}
