// What people call a place in a pipeline, as notices, history, undo and a return name it: `schedule.expr`.
import { strings } from '../strings/strings.ts';

export function fieldLabel(field: string): string {
  const { fields, options } = strings.form;
  const { places } = strings.together;
  const [root = '', ...rest] = field.split('.');
  const known = fields[field.replaceAll('.', '/')];
  if (known) return known;
  if (root === '') return places.whole;
  if (root === 'source' && rest.length > 0) return options.value(rest.join('.'));
  if (root === 'tags' && rest.length > 0) return places.tag(rest.join('.'));
  if (root === 'schema' && rest.length > 0) return places.column(rest.join('.'));
  if (root === 'transforms')
    return rest.length > 1 ? places.transform(rest.slice(1).join('.')) : places.transforms;
  return places.parts[root] ?? field;
}
