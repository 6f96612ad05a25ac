// npm run migrate:new -- what_changed
// Writes prisma/migrations/sqlite/<stamp>_what_changed/migration.sql: the difference between the schema as it was at
// the last
// migration (prisma/migrations/schema-before.prisma) and prisma/schema.prisma. Needs no database and no native engine.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PrismaLibSql } from '@prisma/adapter-libsql';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';

const root = fileURLToPath(new URL('../..', import.meta.url));
const name = process.argv[2];
if (!name || !/^[a-z0-9_]+$/.test(name)) {
  console.error('Say what changed, in lower case with underscores: npm run migrate:new -- add_notes');
  process.exit(2);
}

/** Prisma's schema engine as WebAssembly: what `prisma migrate` runs natively. */
async function schemaEngine(schema) {
  const engine = '@prisma/schema-engine-wasm/schema_engine_bg';
  const glue = await import(engine);
  const file = join(dirname(createRequire(import.meta.url).resolve(engine)), 'schema_engine_bg.wasm');
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)), {
    './schema_engine_bg.js': glue,
  });
  glue.__wbg_set_wasm(exports);
  exports.__wbindgen_start();
  // The adapter only tells the dialect: a difference of two schemas connects to nothing.
  const dialect = bindMigrationAwareSqlAdapterFactory(new PrismaLibSql({ url: ':memory:' }));
  return glue.SchemaEngine.new({ datamodels: [['schema.prisma', schema]] }, () => {}, dialect);
}

const migrations = join(root, 'prisma/migrations');
const before = join(migrations, 'schema-before.prisma');
const schema = readFileSync(join(root, 'prisma/schema.prisma'), 'utf8');
const asModel = (content) => ({ tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content }] });

const { exitCode, stdout } = await (
  await schemaEngine(schema)
).diff({
  from: existsSync(before) ? asModel(readFileSync(before, 'utf8')) : { tag: 'empty' },
  to: asModel(schema),
  script: true,
  exitCode: true,
  filters: { externalTables: [], externalEnums: [] },
});
if (exitCode !== 2) {
  console.log('The schema has not changed since the last migration: nothing to write.');
} else {
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const folder = join(migrations, 'sqlite', `${stamp}_${name}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'migration.sql'), stdout);
  writeFileSync(before, schema);
  console.log(`Wrote prisma/migrations/sqlite/${stamp}_${name}/migration.sql`);
}
