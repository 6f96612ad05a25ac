import { defineConfig } from 'prisma/config';

// `prisma generate | validate | format` run on WebAssembly alone, yet the CLI first insists on a native schema engine.
// Any
// existing executable satisfies it. Only for these commands: with a stand-in, `prisma migrate deploy` would do nothing
// and
// say that all is well. Migrations are written by `npm run migrate:new` and applied by server/db/migrate.ts.
if (['generate', 'validate', 'format'].includes(process.argv[2] ?? '')) {
  process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;
}

// Prisma asks its makers for news after every command, also one that somebody gives by hand.
process.env.CHECKPOINT_DISABLE = '1';

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations/sqlite' },
  datasource: { url: process.env.DATABASE_URL || 'file:./data/studio.db' },
});
