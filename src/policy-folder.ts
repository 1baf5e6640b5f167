import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError } from '../envs/input-error.ts';
import { type ArtifactFiles, decodeArtifact, encodeArtifact } from '../policies/artifact.ts';
import type { Policy } from '../policies/policy.ts';
import { packageRoot } from './package-root.ts';

const FILES = ['policy.json', 'model.json', 'weights.bin', 'fisher.bin', 'anchors.bin', 'README.md'];

/** The folder of shipped policies. */
export function zooFolder(): string {
  return join(packageRoot(), 'policies', 'zoo');
}

/** Names of the shipped policies, sorted. */
export function zooNames(): string[] {
  if (!existsSync(zooFolder())) return [];
  return readdirSync(zooFolder())
    .filter((name) => existsSync(join(zooFolder(), name, 'policy.json')))
    .sort();
}

/**
 * What to call a policy: its name in the zoo, where it came by that, else its contract's, which several of the zoo share.
 *
 * @param given as for {@link policyFolder}
 */
export function policyName(given: string, contract: { name: string }): string {
  return zooNames().includes(given) ? given : contract.name;
}

/**
 * The absolute folder of an artifact, given as its folder, a file in it, a run, or a name from the zoo.
 *
 * @throws InputError when nothing of that name is a policy
 */
export function policyFolder(name: string): string {
  const path = resolve(name);
  const candidates = [path, join(path, 'policy'), join(zooFolder(), name)];
  if (existsSync(path) && statSync(path).isFile() && FILES.includes(basename(path))) candidates.unshift(dirname(path));
  const found = candidates.find((folder) => existsSync(join(folder, 'policy.json')));
  if (found) return found;
  if (!existsSync(path))
    throw new InputError(
      `${name}: no such policy: expected a folder with policy.json, a run, or one of ${zooNames().join(', ') || 'the zoo (empty)'}`,
    );
  throw new InputError(`${name}: expected a policy artifact or a run, but it holds no policy.json`);
}

/**
 * Reads a policy artifact.
 *
 * @param name as for {@link policyFolder}
 * @throws InputError that names the file and field which does not fit
 */
export function readPolicy(name: string): Policy {
  const folder = policyFolder(name);
  const files: ArtifactFiles = {};
  for (const file of FILES)
    if (existsSync(join(folder, file))) files[file] = new Uint8Array(readFileSync(join(folder, file)));
  return decodeArtifact(files, folder);
}

/** Writes an artifact as a folder, whole or not at all; one that was there before is replaced. */
export function writePolicy(folder: string, policy: Policy): void {
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  try {
    mkdirSync(partial, { recursive: true });
    for (const [name, bytes] of Object.entries(encodeArtifact(policy))) writeFileSync(join(partial, name), bytes);
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw error;
  }
}
