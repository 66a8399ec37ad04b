import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, readFile, readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const helps = new Map<string, Promise<string | null>>();

interface Line {
	readonly where: string;
	readonly words: readonly string[];
}

async function documents(): Promise<{ readonly path: string; readonly text: string }[]> {
	const listed = [...(await readdir('.')), ...(await readdir('docs')).map((name) => join('docs', name))];
	const paths = listed.filter((name) => name.endsWith('.md'));
	return Promise.all(paths.map(async (path) => ({ path, text: await readFile(path, 'utf8') })));
}

/** Every command line of `homeport` in a document: in a block of code, after a prompt or not, or between backticks. */
function commandLines(path: string, text: string): Line[] {
	const shown = [...text.matchAll(/^(?:\$ )?homeport ([^#\n]*)/gm), ...text.matchAll(/`homeport ([^`\n]+)`/g)];
	return shown
		.map(([, rest = '']) => rest.trim())
		.filter((rest) => /^[-a-z]/.test(rest))
		.map((rest) => ({ where: `${path}: homeport ${rest}`, words: rest.split(/\s+/) }));
}

/** What is wrong with a command line, by what `--help` says; null for nothing. */
async function problemOf(words: readonly string[]): Promise<string | null> {
	const path: string[] = [];
	let about = await help(path);
	assert.ok(about !== null, 'the command line is not built');
	for (const word of words.filter((word) => !word.startsWith('-'))) {
		const commands = commandsOf(about);
		if (commands.length === 0) {
			break;
		}
		path.push(word);
		const next = commands.includes(word) ? await help(path) : null;
		if (next === null) {
			return `there is no command ${path.join(' ')}`;
		}
		about = next;
	}
	if (path.length > 0 && commandsOf(about).length > 0) {
		return `${path.join(' ')} needs one of ${commandsOf(about).join(', ')}`;
	}
	const options = new Set(about.match(/(?<=^ {2}(?:-\w, )?)--[a-z-]+/gm));
	const unknown = words.filter((word) => word.startsWith('--') && !options.has(word.split('=', 1)[0]!));
	return unknown.length === 0 ? null : `${path.join(' ')} has no ${unknown.join(', ')}`;
}

/** What `--help` says of a command; null where that fails. */
function help(words: readonly string[]): Promise<string | null> {
	const key = words.join(' ');
	const known = helps.get(key);
	if (known !== undefined) {
		return known;
	}
	const asked = run(process.execPath, [resolve('dist/cli.js'), ...words, '--help'], { timeout: 60_000 }).then(
		({ stdout }) => stdout,
		() => null,
	);
	helps.set(key, asked);
	return asked;
}

function commandsOf(text: string): string[] {
	const listed = /^Commands:\n((?: .*\n?)*)/m.exec(text)?.[1] ?? '';
	return listed.match(/(?<=^ {2})[a-z]+/gm) ?? [];
}

/** GitHub's form of a heading as the fragment of a link. */
function fragment(heading: string): string {
	return heading
		.trim()
		.toLowerCase()
		.replaceAll(/[^\p{L}\p{N} _-]/gu, '')
		.replaceAll(' ', '-');
}

describe('the documents', function () {
	this.timeout(120_000);

	it('show only commands and options that the command line has', async () => {
		const lines = (await documents()).flatMap(({ path, text }) => commandLines(path, text));
		const wrong: string[] = [];
		for (const { where, words } of lines) {
			const problem = await problemOf(words);
			if (problem !== null) {
				wrong.push(`${where}: ${problem}`);
			}
		}
		assert.deepStrictEqual(wrong, []);
		assert.ok(lines.length > 40, `only ${lines.length} command lines were found`);
	});

	it('link only to files and headings that are there', async () => {
		const all = await documents();
		const headings = new Map(
			all.map(({ path, text }) => {
				const prose = text.replaceAll(/^```[\s\S]*?^```/gm, '');
				return [resolve(path), [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => fragment(heading))];
			}),
		);
		const broken: string[] = [];
		for (const { path, text } of all) {
			for (const [, link = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
				const [file = '', anchor] = link.split('#', 2);
				if (/^[a-z]+:/.test(link)) {
					continue;
				}
				const target = file === '' ? resolve(path) : resolve(dirname(path), file);
				const there = await access(target).then(
					() => true,
					() => false,
				);
				if (!there || (anchor !== undefined && headings.get(target)?.includes(anchor) !== true)) {
					broken.push(`${path}: ${link}`);
				}
			}
		}
		assert.deepStrictEqual(broken, []);
	});

	it('hold no path of a machine and no address of a registry', async () => {
		const own = process.cwd();
		const found = (await documents()).flatMap(({ path, text }) =>
			text.split('\n').flatMap((line, index) => {
				const machine = /(^|[\s"'`(=])\/(root|tmp|work|Users|var|mnt)\/|\/home\/(?!you\b)\w|registry\.npm/.test(line);
				return machine || line.includes(own) ? [`${path}:${index + 1}: ${line}`] : [];
			}),
		);
		assert.deepStrictEqual(found, []);
	});
});
