/** One event of a stream (WHATWG HTML, 9.2). Whatever comes, comments too, is followed by an event without a name: a sign of life. */
export interface ServerEvent {
  /** '' for a sign of life. */
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
      for (const line of lines) {
        const [, field, text = ''] = /^([^:]*):? ?(.*)$/s.exec(line)!;
        if (!line) {
          if (data.length) yield { event: event || 'message', data: data.join('\n'), id, retry };
          event = '';
          data = [];
        }
        if (field === 'event') event = text;
        if (field === 'data') data.push(text);
        if (field === 'id' && !text.includes('\0')) id = text;
        if (field === 'retry' && +text >= 0) retry = +text;
      }
      yield { event: '', data: '', id, retry };
    }
  } finally {
    // Whoever stops reading ends the connection.
    await reader.cancel().catch(() => {});
  }
}
