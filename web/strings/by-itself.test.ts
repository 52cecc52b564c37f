import { expect, test } from 'bun:test';
import { form } from './en-form.ts';
import { list } from './en-list.ts';

test('[PG1.33] what goes live without an Apply says so, at its field and in the first steps', () => {
  for (const field of ['name', 'description', 'group'])
    expect(form.hints[field]).toContain('live automatically');
  expect(list.first.explain).toContain('go live automatically');
});
