import { expect, it } from 'vitest';
import { parseEvents, type ServerEvent } from '../src/sse.js';

async function parse(text: string, size: number): Promise<ServerEvent[]> {
  const bytes = new TextEncoder().encode(text);
  const found: ServerEvent[] = [];
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let i = 0; i < bytes.length; i += size) controller.enqueue(bytes.slice(i, i + size));
      controller.close();
    },
  });
  for await (const event of parseEvents(body)) if (event.event) found.push(event);
  return found;
}

const text = ': hello\r\nretry: 70\r\nretry: x\r\n\r\nid: 1-1\r\nevent: added\r\ndata: {"a":"é😀"}\r\n\r\nevent: two\ndata:x\ndata:  y\nid:1-2\n\ndata: z\r\rid\nevent:none\n\nevent: half\ndata: never ended';

it.each([1, 2, 3, 7, 1000])('reads events in pieces of %i bytes, whatever ends a line', async size => {
  expect(await parse(text, size)).toEqual([
    { event: 'added', data: '{"a":"é😀"}', id: '1-1', retry: 70 },
    { event: 'two', data: 'x\n y', id: '1-2', retry: 70 },
    { event: 'message', data: 'z', id: '1-2', retry: 70 },
  ]);
});

it('ends the connection when the reader stops', async () => {
  let ended = false;
  const body = new ReadableStream<Uint8Array>({ pull: controller => controller.enqueue(new TextEncoder().encode('data: x\n\n')), cancel: () => { ended = true; } });
  for await (const _ of parseEvents(body)) break;
  expect(ended).toBe(true);
});
