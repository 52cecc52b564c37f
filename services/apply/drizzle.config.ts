// What drizzle-kit needs to write a migration after a change of schema.ts; CONTRIBUTING.md says how to run it.
export default { dialect: 'sqlite', schema: './store/schema.ts', out: './migrations' };
