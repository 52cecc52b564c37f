// The document as its room needs it: something that answers commands in order, and a log behind it.
import type { Settled } from '../document/commit-group.ts';
import type { AdmissionRefusal } from '../document/persisted-document.ts';
import type { LogRecord } from '../document/record.ts';
import type { CommandKind, CommandOf, Reply } from '../host/protocol.ts';

export type RoomHost = {
  /** Answers come in the order of the commands. */
  perform<K extends CommandKind>(
    command: CommandOf<K>,
    done: (reply: Reply<K>) => void,
    fail: (error: Error) => void,
  ): void;
  submit(record: LogRecord, settled?: Settled): void;
  whenDurable(settled: Settled): void;
  /** Undefined when the document takes a change now. */
  refusal(): AdmissionRefusal | undefined;
  /** Nothing of it is in memory, or will be before somebody asks for something. */
  readonly isResting: boolean;
};
