/**
 * Proves that imports point down the rooms (CONTRIBUTING.md has the map), types included: `npm run imports`.
 *
 * Each violation is printed as `file:line: what`; exit code 1 if there is any. `node test/imports.mjs DIR` looks at
 * another tree, for the test of this check.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = resolve(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..'));

/** From the bottom up; a room may import itself and the rooms of lower levels, and neighbours nothing of each other. */
const levels = [
  ['envs'],
  ['policies'],
  ['src'], // files beside the rooms of src: where the package lies, how workers start
  ['src/backend'],
  ['src/episode'],
  ['src/telemetry', 'src/evaluate', 'src/export'],
  ['src/learn'],
  ['src/transfer'],
  ['src/cli'],
];
const levelOf = (room) => levels.findIndex((level) => level.includes(room));

/** The library's front door re-exports from all rooms and is imported by none. */
const frontDoor = 'src/index.ts';
/** The browser runs the same physics, policies and file format, and nothing that needs Node. */
const viewerMayImport = ['viewer', 'envs', 'policies', 'src/episode'];
const browserRooms = ['envs', 'policies'];
const nodeGlobals = ['process', 'Buffer', 'require', '__dirname', '__filename'];

function roomOf(file) {
  const [top, second, ...rest] = file.split('/');
  return top === 'src' && rest.length > 0 ? `src/${second}` : top;
}

/** Paths of all TypeScript files of the rooms, relative to the root, with slashes. */
function sourceFiles(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return path === 'policies/kernels/assembly' ? [] : sourceFiles(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}

/** What a file imports, in any way, and which of Node's globals it names, each with its line. */
function parse(file) {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
  const imports = [];
  const globals = [];
  const line = (node) => source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
  const visit = (node) => {
    const specifier = specifierOf(node);
    if (specifier) imports.push({ specifier: specifier.text, line: line(specifier) });
    if (isNodeGlobal(node)) globals.push({ name: node.text, line: line(node) });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { imports, globals };
}

/** The literal of `import … from`, `export … from`, `import()`, `typeof import()` and `new URL(…, import.meta.url)`. */
function specifierOf(node) {
  const literal = (child) => (child && ts.isStringLiteralLike(child) ? child : null);
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return literal(node.moduleSpecifier);
  if (ts.isImportTypeNode(node)) return literal(node.argument.literal);
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    return literal(node.arguments[0]);
  const isUrl = ts.isNewExpression(node) && node.expression.getText() === 'URL' && node.arguments?.length === 2;
  const url = isUrl && node.arguments[1].getText() === 'import.meta.url' ? literal(node.arguments[0]) : null;
  return url?.text.endsWith('.ts') ? url : null;
}

function isNodeGlobal(node) {
  if (!ts.isIdentifier(node) || !nodeGlobals.includes(node.text)) return false;
  const { parent } = node;
  const isName = 'name' in parent && parent.name === node; // a property or variable that is only called so
  return !isName && !ts.isPropertyAssignment(parent);
}

const files = ['envs', 'policies', 'src', 'viewer'].flatMap(sourceFiles);
const parsed = new Map(files.map((file) => [file, parse(file)]));
const violations = [];
const violation = (file, line, text) => violations.push(`${file}:${line}: ${text}`);

const isLocal = (specifier) => specifier.startsWith('.');
const isBuiltin = (specifier) => specifier.startsWith('node:') || builtinModules.includes(specifier.split('/')[0]);
const targetOf = (file, specifier) => relative(root, resolve(root, dirname(file), specifier)).replaceAll('\\', '/');
const localImports = (file) =>
  parsed
    .get(file)
    .imports.filter(({ specifier }) => isLocal(specifier))
    .map(({ specifier, line }) => ({ target: targetOf(file, specifier), line }));

function mayImport(file, target) {
  const [from, to] = [roomOf(file), roomOf(target)];
  if (target === 'package.json') return true;
  if (target === frontDoor) return false;
  if (file === frontDoor) return levelOf(to) >= 0;
  if (from === 'viewer') return viewerMayImport.includes(to);
  return from === to || (levelOf(to) >= 0 && levelOf(to) < levelOf(from));
}

function checkDirections() {
  for (const file of files)
    for (const { target, line } of localImports(file))
      if (!mayImport(file, target)) violation(file, line, `${roomOf(file)} may not import ${target}`);
}

function checkBrowserRooms() {
  for (const file of files.filter((file) => browserRooms.includes(roomOf(file)))) {
    const { imports, globals } = parsed.get(file);
    for (const { specifier, line } of imports.filter(({ specifier }) => isBuiltin(specifier)))
      violation(file, line, `${roomOf(file)} runs in browsers too and may not import ${specifier}`);
    for (const { name, line } of globals)
      violation(file, line, `${roomOf(file)} runs in browsers too and may not use ${name}`);
  }
}

/** Whatever the viewer reaches, however far down, does without Node. */
function checkViewer() {
  const pages = files.filter((file) => file.startsWith('viewer/src/'));
  const reached = new Set(pages);
  for (const file of reached) {
    for (const { specifier, line } of parsed.get(file).imports.filter(({ specifier }) => isBuiltin(specifier)))
      if (!browserRooms.includes(roomOf(file)))
        violation(file, line, `the viewer reaches this file, so it may not import ${specifier}`);
    for (const { target } of localImports(file)) if (parsed.has(target)) reached.add(target);
  }
}

/** What is published imports only what is installed with it. */
function checkPackages() {
  const { name, dependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const installed = new Set([name, ...Object.keys({ ...dependencies, ...optionalDependencies })]);
  for (const file of files.filter((file) => roomOf(file) !== 'viewer')) {
    for (const { specifier, line } of parsed.get(file).imports) {
      if (isLocal(specifier) || isBuiltin(specifier)) continue;
      const [first, second] = specifier.split('/');
      const wanted = first.startsWith('@') ? `${first}/${second}` : first;
      if (!installed.has(wanted)) violation(file, line, `${wanted} is not among the dependencies in package.json`);
    }
  }
}

/** Depth first; each file that leads back to one still being visited closes a circle, printed once. */
function checkCycles() {
  const done = new Set();
  const path = [];
  const visit = (file) => {
    if (done.has(file) || !parsed.has(file)) return;
    path.push(file);
    for (const { target, line } of localImports(file)) {
      const start = path.indexOf(target);
      if (start >= 0) violation(file, line, `imports in a circle: ${[...path.slice(start), target].join(' → ')}`);
      else visit(target);
    }
    path.pop();
    done.add(file);
  };
  for (const file of files) visit(file);
}

checkDirections();
checkBrowserRooms();
checkViewer();
checkPackages();
checkCycles();
for (const text of violations.sort()) console.log(text);
console.log(`${files.length} files, ${violations.length} wrong imports`);
process.exitCode = violations.length ? 1 : 0;
