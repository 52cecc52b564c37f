// Who else is in a field: a small mark and the name beside its label, and a ring of the same colour around it.
import { colourOf, oncePerUser, type Person } from '../live/people.ts';
import { Avatar } from '../parts/person.tsx';
import { PersonName } from '../parts/person-name.tsx';
import { strings } from '../strings/strings.ts';
import classes from './field-people.module.css';

export function FieldPeople({ people }: { people: readonly Person[] }) {
  const once = oncePerUser(people);
  const [first] = once;
  if (!first) return null;
  const { isHere, areHere } = strings.together;
  return (
    <span className={classes.people}>
      <Avatar user={first.user} name={first.name} isSmall />
      <PersonName className={classes.name}>
        {once.length === 1 ? isHere(first.name) : areHere(first.name, once.length - 1)}
      </PersonName>
    </span>
  );
}

/** The class of the ring around a field; undefined when nobody else is in it. */
export function ringOf(people: readonly Person[]): string | undefined {
  const [first] = people;
  return first && `${classes.ring} ${classes[`ring${colourOf(first.user)}`]}`;
}
