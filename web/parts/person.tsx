// People as small round marks: a colour and their initials, so that nobody is told apart by colour alone, and the name in words.
import { colourOf, initials, oncePerUser, type Person } from '../live/people.ts';
import { classNames } from './class-names.ts';
import { Hint } from './hint.tsx';
import classes from './person.module.css';

export function Avatar({ user, name, isSmall = false }: { user: string; name: string; isSmall?: boolean }) {
  const look = classNames(classes.avatar, isSmall && classes.small, classes[`color${colourOf(user)}`]);
  return (
    <Hint text={name} isStop={false}>
      <span role="img" aria-label={name} className={look}>
        {initials(name)}
      </span>
    </Hint>
  );
}

const SHOWN = 4;

export function AvatarStack({ people, isSmall = false }: { people: readonly Person[]; isSmall?: boolean }) {
  const once = oncePerUser(people);
  const more = once.slice(SHOWN);
  return (
    <span className={classes.stack}>
      {once.slice(0, SHOWN).map(({ user, name }) => (
        <Avatar key={user} user={user} name={name} isSmall={isSmall} />
      ))}
      {more.length > 0 && (
        <Hint text={more.map(({ name }) => name).join(', ')} isStop={false}>
          <span
            role="img"
            aria-label={more.map(({ name }) => name).join(', ')}
            className={classNames(classes.avatar, isSmall && classes.small, classes.more)}
          >
            +{more.length}
          </span>
        </Hint>
      )}
    </span>
  );
}
