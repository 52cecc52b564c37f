// For `npx drizzle-kit@0.31.11 generate`, run in this folder after a change of schema.ts.
export default { dialect: 'sqlite', schema: './schema.ts', out: './migrations' };
