/** One event of a stream (WHATWG HTML, 9.2). A comment is an event without a name: a sign of life. */
export interface ServerEvent {
  /** '' for a comment or a `retry:` alone. */
  readonly event: string;
  readonly data: string;
  /** The last `id:` seen so far. */
  readonly id: string;
  /** The newest `retry:` seen so far, in milliseconds. */
  readonly retry?: number | undefined;
}

/** Reads `text/event-stream`. Ends with the stream, and throws what reading it throws. */
export async function* parseEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent, void, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '', event = '', data: string[] = [], id = '';
  let retry: number | undefined;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      // A CR at the end may be half of a CRLF: it waits for what follows.
      const lines = (rest + decoder.decode(value, { stream: true })).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop()!;
      let alive = true;
      for (const line of lines) {
        const colon = line.indexOf(':');
        const field = colon < 0 ? line : line.slice(0, colon);
        const text = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
        if (!line) {
          if (data.length) {
            alive = false;
            yield { event: event || 'message', data: data.join('\n'), id, retry };
          }
          event = '';
          data = [];
        } else if (field === 'event') event = text;
        else if (field === 'data') data.push(text);
        else if (field === 'id') { if (!text.includes('\0')) id = text; }
        else if (field === 'retry' && /^\d+$/.test(text)) retry = +text;
      }
      if (alive) yield { event: '', data: '', id, retry };
    }
  } finally {
    // Whoever stops reading ends the connection.
    await reader.cancel().catch(() => {});
  }
}
