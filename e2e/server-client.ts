import superjson from 'superjson';
import type { CreateComparison } from '../kept/requests';
import type { CreatedComparison, UploadedImage } from '../kept/answers';
import type { StreamItem } from '../kept/comparison';

/** The server over plain HTTP, as a program would use it. */
export class ServerClient {
  constructor(private readonly base: string) {}

  async upload(bytes: Uint8Array<ArrayBuffer>): Promise<UploadedImage> {
    const response = await fetch(`${this.base}/api/images`, { method: 'POST', body: bytes });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as UploadedImage;
  }

  create = (input: CreateComparison): Promise<CreatedComparison> => this.call('comparison.create', input);
  cancel = (id: string): Promise<unknown> => this.call('comparison.cancel', { id });

  async call<T>(procedure: string, input: unknown): Promise<T> {
    const response = await fetch(`${this.base}/api/trpc/${procedure}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(superjson.serialize(input)),
    });
    const body = (await response.json()) as { result?: { data: never }; error?: { json: { message: string } } };
    if (!body.result) throw new Error(body.error?.json.message ?? `status ${response.status}`);
    return superjson.deserialize<T>(body.result.data);
  }

  async query<T>(procedure: string, input: unknown): Promise<T> {
    const response = await fetch(
      `${this.base}/api/trpc/${procedure}?input=${encodeURIComponent(JSON.stringify(superjson.serialize(input)))}`,
    );
    return superjson.deserialize<T>(((await response.json()) as { result: { data: never } }).result.data);
  }

  /** Items as they arrive, with the moment of their arrival (ms, monotonic). Leaving the loop closes the connection. */
  async *events(id: string): AsyncGenerator<{ arrived: number; item: StreamItem }> {
    const response = await fetch(
      `${this.base}/api/trpc/comparison.events?input=${encodeURIComponent(JSON.stringify(superjson.serialize({ id })))}`,
    );
    let buffer = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      buffer += decoder.decode(chunk, { stream: true });
      for (let end = buffer.indexOf('\n\n'); end >= 0; end = buffer.indexOf('\n\n')) {
        const lines = buffer.slice(0, end).split('\n');
        buffer = buffer.slice(end + 2);
        const data = lines.find((line) => line.startsWith('data: '));
        if (data && lines.some((line) => line.startsWith('id: ')))
          yield { arrived: performance.now(), item: superjson.deserialize<StreamItem>(JSON.parse(data.slice(6))) };
      }
    }
  }
}
