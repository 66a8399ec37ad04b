import { execFileSync } from 'node:child_process';

/** A file of a made-up commit; `text` has one character for each byte. */
interface ModelFile {
	readonly mode: '100644' | '100755' | '120000';
	readonly text: string;
}
export type State = ReadonlyMap<string, ModelFile>;
/** A change that can be made to any state that has the place for it. */
export type Edit = (files: Map<string, ModelFile>) => void;

export interface ModelCommit {
	readonly state: State;
	readonly parents: readonly ModelCommit[];
	readonly message: string;
}

/** The state with these changes made. */
export function edited(state: State, ...edits: readonly Edit[]): State {
	const files = new Map(state);
	edits.forEach((edit) => edit(files));
	return files;
}

/** A commit on top of another, with these changes. */
export function next(parent: ModelCommit, message: string, ...edits: readonly Edit[]): ModelCommit {
	return { state: edited(parent.state, ...edits), parents: [parent], message };
}

/** A commit with this state on top of another: what a revert or a squash makes. */
export function set(parent: ModelCommit, message: string, state: State): ModelCommit {
	return { state, parents: [parent], message };
}

/** Gives each line to `change`, which gives back what stands in its place. The line must be there. */
function atLine(path: string, line: string, change: (line: string) => readonly string[]): Edit {
	return (files) => {
		const file = files.get(path)!;
		const lines = file.text.split('\n');
		const at = lines.indexOf(line);
		if (at < 0) {
			throw new Error(`${path} has no line ${line}`);
		}
		lines.splice(at, 1, ...change(line));
		files.set(path, { ...file, text: lines.join('\n') });
	};
}

const lineOf = (file: number, row: number): string => `file ${file} row ${row} ${'abcdefgh'[(file * 7 + row) % 8]}`;
export const textFiles = 4;
export const slotsOfFile = 8;
const rowsOfSlot = 7;

/** A place of the base that one change takes for itself. */
export type Slot = number;
const fileOf = (slot: Slot): number => Math.floor(slot / slotsOfFile);
const pathOf = (slot: Slot): string => `src/file ${fileOf(slot)}.txt`;
const rowOf = (slot: Slot): number => (slot % slotsOfFile) * rowsOfSlot + 2;

/** The line of a slot as the base has it. */
export const baseLine = (slot: Slot): string => lineOf(fileOf(slot), rowOf(slot));

/** Puts other text in the place of a slot. */
export const replace = (slot: Slot, ...by: readonly string[]): Edit => atLine(pathOf(slot), baseLine(slot), () => by);

/** Changes the line after that of a slot. */
export const touchNext = (slot: Slot, by: string): Edit =>
	atLine(pathOf(slot), lineOf(fileOf(slot), rowOf(slot) + 1), () => [by]);

/** Changes a line that an earlier change put there. */
export const rework = (slot: Slot, line: string, ...by: readonly string[]): Edit =>
	atLine(pathOf(slot), line, () => by);

/** Puts lines behind that of a slot. */
export const insert = (slot: Slot, ...lines: readonly string[]): Edit =>
	atLine(pathOf(slot), baseLine(slot), (line) => [line, ...lines]);

export const put =
	(path: string, text: string, mode: ModelFile['mode'] = '100644'): Edit =>
	(files) => {
		files.set(path, { mode, text });
	};

export const remove =
	(path: string): Edit =>
	(files) => {
		files.delete(path);
	};

export const rename =
	(from: string, to: string): Edit =>
	(files) => {
		files.set(to, files.get(from)!);
		files.delete(from);
	};

export const chmod =
	(path: string): Edit =>
	(files) => {
		const file = files.get(path)!;
		files.set(path, { ...file, mode: file.mode === '100644' ? '100755' : '100644' });
	};

/** Changes one of the ten equal blocks of `src/blocks.txt`. */
export const inBlock =
	(block: number, by: string): Edit =>
	(files) => {
		const file = files.get('src/blocks.txt')!;
		const lines = file.text.split('\n');
		lines[block * rowsOfBlock + 4] = by;
		files.set('src/blocks.txt', { ...file, text: lines.join('\n') });
	};
const rowsOfBlock = 9;
const block = Array.from({ length: rowsOfBlock }, (_, row) => `\tblock row ${row}`);

/** The commit from which every history of the corpus begins. */
export const root: ModelCommit = {
	message: 'base',
	parents: [],
	state: new Map<string, ModelFile>([
		...Array.from({ length: textFiles }, (_, file): [string, ModelFile] => [
			`src/file ${file}.txt`,
			{
				mode: '100644',
				text: `${Array.from({ length: slotsOfFile * rowsOfSlot }, (_, row) => lineOf(file, row)).join('\n')}\n`,
			},
		]),
		['src/blocks.txt', { mode: '100644', text: `${Array.from({ length: 10 }, () => block.join('\n')).join('\n')}\n` }],
		['data/picture.bin', { mode: '100644', text: '\0\x01\x02picture\xff\0' }],
		['data/old.txt', { mode: '100644', text: 'one\ntwo\nthree\nfour\nfive\nsix\nseven\n' }],
		['run.sh', { mode: '100644', text: '#!/bin/sh\necho run\n' }],
	]),
};

/** Writes commits into a repository, the last parents first, and points each ref at its commit. */
export function writeCommits(
	folder: string,
	env: NodeJS.ProcessEnv,
	refs: Readonly<Record<string, ModelCommit>>,
): void {
	const marks = new Map<ModelCommit, number>();
	const stream: string[] = [];
	const data = (text: string): string => `data ${text.length}\n${text}\n`;
	const write = (commit: ModelCommit): number => {
		const known = marks.get(commit);
		if (known !== undefined) {
			return known;
		}
		const [first, ...others] = commit.parents.map(write);
		const mark = marks.size + 1;
		marks.set(commit, mark);
		stream.push(
			`commit refs/corpus\nmark :${mark}\ncommitter User <user@localhost> ${1_700_000_000 + mark * 60} +0000\n`,
			data(commit.message),
			first === undefined ? '' : `from :${first}\n`,
			...others.map((other) => `merge :${other}\n`),
			'deleteall\n',
			...[...commit.state].map(([path, { mode, text }]) => `M ${mode} inline ${JSON.stringify(path)}\n${data(text)}`),
			'\n',
		);
		// A commit without `from` begins anew only on a ref that does not stand.
		stream.push('reset refs/corpus\n\n');
		return mark;
	};
	for (const [ref, commit] of Object.entries(refs)) {
		stream.push(`reset ${ref}\nfrom :${write(commit)}\n\n`);
	}
	execFileSync('git', ['fast-import', '--quiet', '--force'], {
		cwd: folder,
		env,
		input: Buffer.from(stream.join(''), 'latin1'),
		stdio: ['pipe', 'ignore', 'inherit'],
	});
}
