import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { appVersion } from '../../env/version';
import { engineSettings, parse } from '../args';
import type { Command } from '../command';
import { tell } from '../io';
import { spaceFlags, spaceHelp } from '../space-flags';
import { addTools } from './tools';
import { Workshop } from './workshop';

/** The studio's tools for agents, over the Model Context Protocol on standard input and output. */
export const mcp: Command = {
  summary: 'tools for agents (Model Context Protocol): caption, embed, search, score',
  help: `npm run -s studio -- mcp [flags]

Speaks the Model Context Protocol on standard input and output, for an agent that starts it: \`caption\` and \`embed\` of photos and texts,
\`search\` over what \`embed\` wrote of a collection, \`score\` of captions against references. Paths are of this machine, from the folder in which it
is started. It ends when its standard input does.

For example, in an agent's settings:
  {"mcpServers": {"caption-studio": {"command": "npm", "args": ["run", "-s", "--prefix", "CHECKOUT", "studio", "--", "mcp"]}}}

${spaceHelp}`,
  async run(args, io) {
    const { values } = parse(args, spaceFlags, { positionals: 0 });
    const workshop = new Workshop(
      io,
      engineSettings(values, io),
      typeof values.family === 'string' ? values.family : 'pocket',
    );
    const server = new McpServer({ name: 'caption-studio', version: appVersion });
    addTools(server, workshop);
    const transport = new StdioServerTransport(io.stdin as never, io.stdout as never);
    const ended = new Promise<void>((resolve) => {
      server.server.onclose = resolve;
      // The protocol ends with its input, which the transport does not watch for.
      io.stdin.once('end', resolve).once('close', resolve);
      io.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await server.connect(transport);
    if (io.stdin === process.stdin && process.stdin.isTTY)
      tell(io, 'Waiting for an agent on standard input; Ctrl-D ends it. `mcp --help` says how an agent starts it.');
    await ended;
    await server.close();
    await workshop.close();
    return 0;
  },
};
