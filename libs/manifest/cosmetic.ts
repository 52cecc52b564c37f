// Fields that only people read. They go live by themselves: taken from the document into what is applied, and nothing else with them.
import {
  type ConfigDraft,
  type ManifestConfig,
  PipelineConfig,
  type PipelineDraft,
  VariableConfig,
  type VariableDraft,
} from '@hakiri/contracts/config';
import { asCanonicalAs, canonicalPipeline, canonicalVariable, documentOf } from './canonical.ts';
import { checkPipelineSecrets, checkVariableSecrets } from './check-secrets.ts';
import { checker } from './checker.ts';

const PIPELINE_FIELDS = ['name', 'description', 'tags', 'group'] as const;
const VARIABLE_FIELDS = ['comment'] as const;

const isName = checker(PipelineConfig.properties.name);
const isDescription = checker(PipelineConfig.properties.description);
const areTags = checker(PipelineConfig.properties.tags);
const isGroup = checker(PipelineConfig.properties.group);
const isComment = checker(VariableConfig.properties.comment);

/** `path`: a JSON pointer inside the entry. */
export function isCosmetic(root: 'pipelines' | 'variables', path: string): boolean {
  const [, field = ''] = path.split('/');
  const fields: readonly string[] = root === 'pipelines' ? PIPELINE_FIELDS : VARIABLE_FIELDS;
  return fields.includes(field);
}

/**
 * What is applied, with what only people read as `draft`, of the document `doc`, has it. Whatever is not in both stays as it is,
 * and so does a value that an Apply would refuse. `mayMove`: whether a pipeline may go to another group by itself.
 */
export function takeCosmetic(
  applied: ManifestConfig,
  draft: ConfigDraft,
  doc: string,
  mayMove: (before: string, after: string) => boolean = () => true,
): ManifestConfig {
  const pipelines = new Map(draft.pipelines.map((entry) => [entry.key, entry]));
  const variables = new Map(draft.variables.map((entry) => [entry.key, entry]));
  return {
    pipelines: applied.pipelines.map((entry) => {
      const drafted = documentOf(entry) === doc ? pipelines.get(entry.key) : undefined;
      return drafted === undefined ? entry : withPipeline(entry, drafted, mayMove);
    }),
    variables: applied.variables.map((entry) => {
      const drafted = documentOf(entry) === doc ? variables.get(entry.key) : undefined;
      return drafted === undefined ? entry : withVariable(entry, drafted);
    }),
  };
}

function withPipeline(
  entry: PipelineConfig,
  draft: PipelineDraft,
  mayMove: (before: string, after: string) => boolean,
): PipelineConfig {
  // An empty name stands for the id, which is of what runs: the one that is applied.
  const { name, description, tags, group } = canonicalPipeline({ ...draft, id: entry.id });
  const taken = {
    ...entry,
    name: isName.accepts(name) ? name : entry.name,
    description: isDescription.accepts(description) ? description : entry.description,
    tags: areTags.accepts(tags) ? tags : entry.tags,
    group: isGroup.accepts(group) && mayMove(entry.group, group) ? group : entry.group,
  };
  const refused = new Set(checkPipelineSecrets(taken, '').map(({ path }) => path.split('/')[1]));
  // Nobody who may apply has looked at it: a secret is one here, also where it is live already.
  if (refused.has('name')) taken.name = entry.name;
  if (refused.has('description')) taken.description = entry.description;
  if (refused.has('tags')) taken.tags = entry.tags;
  if (refused.has('group')) taken.group = entry.group;
  const isSame =
    PIPELINE_FIELDS.every((field) => field === 'tags' || taken[field] === entry[field]) &&
    taken.tags.length === entry.tags.length &&
    taken.tags.every((tag, index) => tag === entry.tags[index]);
  return isSame ? entry : asCanonicalAs(entry, taken);
}

function withVariable(entry: VariableConfig, draft: VariableDraft): VariableConfig {
  const { comment } = canonicalVariable(draft);
  if (comment === entry.comment || !isComment.accepts(comment)) return entry;
  const taken = { ...entry, comment };
  const isRefused = checkVariableSecrets(taken, '').some(({ path }) => path === '/comment');
  return isRefused ? entry : asCanonicalAs(entry, taken);
}
