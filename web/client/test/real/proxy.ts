import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from './server.js';

/** Stands between client and server, and does what networks do. */
export class Proxy {
  #server: Server;
  #pairs = new Set<[Socket, Socket]>();
  /** Milliseconds, in either direction. */
  delay = 0;
  /** Open, and nothing gets through in either direction: what came meanwhile is gone with its connection. */
  #stalled = false;
  refuses = false;

  private constructor(readonly port: number, target: number) {
    this.#server = createServer(client => {
      if (this.refuses) return client.destroy();
      const server = connect(target, '127.0.0.1');
      const pair: [Socket, Socket] = [client, server];
      this.#pairs.add(pair);
      const end = () => { this.#pairs.delete(pair); client.destroy(); server.destroy(); };
      let lost = false;
      const pass = (from: Socket, to: Socket) => {
        let before: Promise<unknown> = Promise.resolve(); // bytes do not overtake each other, whatever their delay
        from.on('data', chunk => {
          lost ||= this.#stalled;
          if (lost) return;
          const delay = new Promise(over => this.delay ? setTimeout(over, this.delay) : over(undefined));
          before = Promise.all([before, delay]).then(() => { if (!to.destroyed) to.write(chunk); });
        });
      };
      pass(client, server);
      pass(server, client);
      for (const socket of pair) socket.on('error', end).on('close', end).setNoDelay(true);
    });
  }

  static async to(target: number): Promise<Proxy> {
    const proxy = new Proxy(await freePort(), target);
    await new Promise<void>(done => proxy.#server.listen(proxy.port, '127.0.0.1', done));
    return proxy;
  }

  get url(): string { return `http://127.0.0.1:${this.port}`; }

  cut(): void {
    for (const pair of this.#pairs) pair[0].destroy();
  }

  stall(): void { this.#stalled = true; }

  heal(): void {
    this.refuses = this.#stalled = false;
    this.delay = 0;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise(done => this.#server.close(done));
  }
}
