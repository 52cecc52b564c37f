// Bun loads this before the test files of a process (bunfig.toml): what they share ends after the last of them.
import { afterAll } from 'bun:test';
import { endShared } from './endings.ts';

const ENDS_WITHIN_MS = 30_000;

afterAll(endShared, ENDS_WITHIN_MS);
