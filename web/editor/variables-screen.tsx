// The variables of the document: what each stands for, where it is used, and what would break without it.
import { Braces, Plus } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import type { Person } from '../live/people.ts';
import { textOf } from '../live/text-of.ts';
import { useStore } from '../live/use-store.ts';
import { Button } from '../parts/button.tsx';
import { TextField } from '../parts/field.tsx';
import { Empty } from '../parts/panel.tsx';
import { Filters, Screen, ScreenHead } from '../parts/screen.tsx';
import { Table } from '../parts/table.tsx';
import { useRemovalFocus } from '../parts/use-removal-focus.ts';
import { useCommands } from '../screen/commands.ts';
import { useWorkspace } from '../screen/context.ts';
import { strings } from '../strings/strings.ts';
import { ConflictCard } from '../together/conflict-card.tsx';
import { undecided } from '../together/notice-told.ts';
import { CreateVariable, RemoveVariable, RenameVariable } from './variables/variable-dialogs.tsx';
import { matching, variableIssues } from './variables/variable-issues.ts';
import { type VariableQuestion, VariableRow } from './variables/variable-row.tsx';
import classes from './variables/variables.module.css';

const text = strings.editor.variables;
/** Of more the rest is shown when it is asked for. */
const SHOWN = 100;
const SEARCHED_FROM = 8;
const CONFLICTS_SHOWN = 3;

export function VariablesScreen() {
  const { docId, variables, variableUses, canEdit } = useWorkspace();
  const mayEdit = useStore(canEdit);
  const list = useStore(variables.list);
  const [question, setQuestion] = useState<VariableQuestion | { kind: 'create' }>();
  const [find, setFind] = useState('');
  const [limit, setLimit] = useState(SHOWN);
  useEffect(() => variableUses.want(), [variableUses]);
  const issues = useMemo(() => variableIssues(list), [list]);
  const taken = useMemo(() => new Set(list.map(({ name }) => textOf(name))), [list]);
  const found = useMemo(() => matching(list, find), [list, find]);
  const people = usePeople();
  const all = useRemovalFocus<HTMLDivElement>(list.length);
  const create = (): void => setQuestion({ kind: 'create' });
  const close = (): void => setQuestion(undefined);
  useCommands(mayEdit ? [{ id: 'variable.new', label: text.create, keys: 'c', run: create }] : []);
  const button = (
    <Button look="primary" data-add="" onClick={create}>
      <Plus aria-hidden />
      {text.create}
    </Button>
  );
  return (
    <Screen {...all}>
      <ScreenHead
        title={text.title}
        of={docId}
        about={text.about}
        actions={mayEdit && list.length > 0 && button}
      />
      <Conflicts />
      {list.length === 0 ? (
        <Empty icon={<Braces aria-hidden />} title={text.empty}>
          <p>{text.emptyWhy}</p>
          {mayEdit && button}
        </Empty>
      ) : (
        <>
          {list.length >= SEARCHED_FROM && (
            <Filters>
              <div className={classes.find}>
                <TextField
                  type="search"
                  label={text.search}
                  isLabelHidden
                  placeholder={text.search}
                  value={find}
                  onChange={({ currentTarget: { value } }) => setFind(value)}
                />
              </div>
            </Filters>
          )}
          <div className={classes.table}>
            <Table
              caption={text.caption}
              columns={[
                { name: text.name },
                { name: text.value },
                { name: text.comment },
                { name: text.used },
                { name: text.actions, isNameHidden: true },
              ]}
              foot={
                found.length > limit && (
                  <Button onClick={() => setLimit(limit + SHOWN)}>
                    {text.showMore(found.length - limit)}
                  </Button>
                )
              }
            >
              {found.slice(0, limit).map((variable) => (
                <VariableRow
                  key={variable.key}
                  variable={variable}
                  issues={issues.get(variable.key)}
                  others={people.get(variable.key)}
                  canEdit={mayEdit}
                  ask={setQuestion}
                />
              ))}
            </Table>
          </div>
          {found.length === 0 && <p role="status">{text.noneFound}</p>}
        </>
      )}
      {question?.kind === 'create' && <CreateVariable taken={taken} close={close} />}
      {question?.kind === 'rename' && (
        <RenameVariable variable={question.variable} taken={taken} close={close} />
      )}
      {question?.kind === 'remove' && <RemoveVariable variable={question.variable} close={close} />}
    </Screen>
  );
}

function Conflicts() {
  const { notices } = useWorkspace();
  const own = undecided(useStore(notices)).filter(({ entity }) => entity.root === 'variables');
  if (own.length === 0) return null;
  return (
    <div className={classes.conflicts}>
      {own.slice(0, CONFLICTS_SHOWN).map((notice) => (
        <ConflictCard key={notice.id} notice={notice} />
      ))}
      {own.length > CONFLICTS_SHOWN && <p>{strings.together.conflicts.more(own.length - CONFLICTS_SHOWN)}</p>}
    </div>
  );
}

/** Who is in which variable, by its key and field. */
function usePeople(): ReadonlyMap<string, Readonly<Record<string, readonly Person[]>>> {
  const { people } = useWorkspace();
  const others = useStore(people.others);
  return useMemo(() => {
    const found = new Map<string, Record<string, Person[]>>();
    for (const person of others) {
      const [root, key = '', field = ''] = (person.field ?? '').split('.');
      if (root !== 'variables') continue;
      const own = found.get(key) ?? {};
      own[field] = [...(own[field] ?? []), person];
      found.set(key, own);
    }
    return found;
  }, [others]);
}
