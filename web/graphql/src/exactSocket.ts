import { WebSocket } from 'ws';
import { markNumbers, unmarkNumbers } from './exactJson.js';

/** A socket whose messages keep all digits of their numbers. graphql-ws calls JSON.parse and JSON.stringify itself, so the texts are changed around it. */
export class ExactSocket extends WebSocket {
  override emit(event: string | symbol, ...parameters: unknown[]): boolean {
    const [data, ...rest] = parameters;
    return event === 'message' ? super.emit(event, markNumbers(String(data)), ...rest) : super.emit(event, ...parameters);
  }

  override send(data: Parameters<WebSocket['send']>[0], ...rest: unknown[]): void {
    super.send(typeof data === 'string' ? unmarkNumbers(data) : data, ...(rest as []));
  }
}
