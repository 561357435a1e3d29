import { createServer, type Server, type Socket } from 'node:net';

/** A TCP server that answers each connection as the test writes it. Ended by the test, with all its connections. */
export interface RawServer {
  url: string;
  /** Everything that clients sent, one entry a connection. */
  received: string[];
  close(): Promise<void>;
}

/** `answer` is called once for each request head that arrives on a connection. */
export function rawServer(answer: (socket: Socket, request: string) => void): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const received: string[] = [];
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    const slot = received.push('') - 1;
    let answered = 0;
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (data) => {
      received[slot] += data.toString('latin1');
      const heads = received[slot]!.split('\r\n\r\n').length - 1;
      if (heads > answered) {
        answered = heads;
        answer(socket, received[slot]!);
      }
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      resolve({
        url: `http://127.0.0.1:${port}`,
        received,
        close: () =>
          new Promise((done) => {
            for (const socket of sockets) socket.destroy();
            server.close(() => done());
          }),
      });
    });
  });
}
