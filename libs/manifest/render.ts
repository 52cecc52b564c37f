// A configuration as canonical TOML: the bytes that are published, hashed and signed. Equal configurations have equal bytes.
import type { ManifestConfig, PipelineConfig, VariableConfig } from '@hakiri/contracts/config';
import { byIdThenKey, byNameThenKey, canonicalPipeline, canonicalVariable } from './canonical.ts';
import { tomlKey, tomlLine, tomlValue } from './toml-text.ts';

export const MANIFEST_FORMAT = 1;
const HEADER = '# hakiri manifest. Published by an Apply and never changed after; edit the document instead.';

export function renderManifest(config: ManifestConfig): string {
  const blocks = [
    `${HEADER}\nformat = ${MANIFEST_FORMAT}\n`,
    ...config.pipelines.toSorted(byIdThenKey).map(renderPipeline),
    ...config.variables.toSorted(byNameThenKey).map(renderVariable),
  ];
  return blocks.join('\n');
}

/** One `[[pipeline]]` entry, as it stands in the manifest. */
function renderPipeline(pipeline: PipelineConfig): string {
  const { transforms, schema, ...fields } = canonicalPipeline(pipeline);
  const lines = ['[[pipeline]]', ...Object.entries(fields).map(([key, value]) => tomlLine(key, value))];
  for (const transform of Array.isArray(transforms) ? transforms : []) {
    lines.push('', '[[pipeline.transforms]]');
    lines.push(...Object.entries(transform).map(([key, value]) => tomlLine(key, value)));
  }
  const columns = Object.entries(schema ?? {});
  if (columns.length > 0) {
    lines.push('', '[pipeline.schema]');
    lines.push(...columns.map(([name, column]) => `${tomlKey(name)} = ${tomlValue(column)}`));
  }
  return `${lines.join('\n')}\n`;
}

function renderVariable(variable: VariableConfig): string {
  const lines = Object.entries(canonicalVariable(variable)).map(([key, value]) => tomlLine(key, value));
  return `[[variable]]\n${lines.join('\n')}\n`;
}
