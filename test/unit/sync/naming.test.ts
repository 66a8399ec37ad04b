import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { isBranchName } from '../../../src/core/model/branchName.js';
import {
	TakenNames,
	besideName,
	homeBranchName,
	homeBranchNames,
	homeRefsOf,
	isPlainName,
	namesBeside,
} from '../../../src/core/sync/naming.js';

const headTemplate = '{agent}/{session}';
const otherTemplate = '{agent}/{session}-{branch}';
const alpha = { agent: 'claude', name: 'alpha' };

const hostile = [
	'--upload-pack=touch x',
	'-x',
	'$(id)',
	'`id`',
	'a\nb',
	'..',
	'../../main',
	'a..b',
	'x.lock',
	'x.lock/y.lock',
	'x.lock.lock',
	'.hidden/.x',
	'@',
	'@{-1}',
	'@{u}',
	'HEAD',
	'FETCH_HEAD',
	'refs/heads/main',
	'heads/main',
	'origin/main',
	'x~1',
	'x^{commit}',
	'a:b',
	'a b',
	'a\\b',
	'a?*[',
	'/',
	'//a//b//',
	'a/',
	'a.',
	'+main',
	'\u202egnp',
	'\u3164',
	'e\u0301',
	'é',
	'ветка/日本',
	'😀',
	'\ud800',
	'\u0000',
	'',
	'{agent}',
	'$&',
	'0123456789012345678901234567890123456789',
	'x'.repeat(5000),
	'é/'.repeat(300),
	`${'y'.repeat(185)}.lock/z`,
];

describe('names of home branches', function () {
	this.timeout(30_000);

	let repository: string;
	before(() => {
		// A repository with a history of checkouts, so that `@{-1}` and the like would be taken for a branch.
		repository = mkdtempSync(join(tmpdir(), 'homeport-naming-'));
		const git = (...args: string[]): void => {
			execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@localhost', ...args], { cwd: repository });
		};
		git('init', '-q', '-b', 'main');
		git('commit', '-q', '--allow-empty', '-m', 'x');
		git('checkout', '-q', '-b', 'other');
	});
	after(() => rmSync(repository, { recursive: true, force: true }));

	/** The names that real git does not take, or reads as another one. */
	function refusedByGit(names: readonly string[]): string[] {
		const list = join(repository, 'names');
		writeFileSync(list, names.map((name) => `${name}\0`).join(''));
		const script =
			'while IFS= read -r -d "" n; do r=$(git check-ref-format --branch "$n" 2>&1) && [ "$r" = "$n" ] || printf "%s\\0" "$n"; done <"$1"';
		const found = spawnSync('bash', ['-c', script, 'bash', list], { cwd: repository, encoding: 'utf8' });
		assert.equal(found.status === null, false);
		return found.stdout.split('\0').slice(0, -1);
	}

	it('follow the templates, for HEAD, for others and for a detached HEAD', () => {
		const names = (branches: readonly [name: string | null, isHead: boolean][], other = otherTemplate): string[] =>
			homeBranchNames({
				config: { headTemplate, otherTemplate: other, protectedBranches: [] },
				session: { ...alpha, worktreeOfHome: false, branches: branches.map(([name, isHead]) => ({ name, isHead })) },
				home: { ignoreCase: false },
			});
		assert.deepStrictEqual(
			[
				names([
					['main', true],
					['fix/login', false],
				]),
				names([[null, true]]),
				names([
					[null, true],
					['main', false],
				]),
				names([
					['detached', false],
					[null, true],
				]),
				names(
					[
						['main', true],
						['x', false],
					],
					'{agent}/{session}/{branch}',
				),
				names([
					['x y', false],
					['x-y', false],
					['x:y', false],
				]),
				names([
					['x:y', false],
					['x-y', false],
					['x y', false],
				]),
			],
			[
				['claude/alpha', 'claude/alpha-fix/login'],
				['claude/alpha'],
				['claude/alpha-detached', 'claude/alpha-main'],
				['claude/alpha-detached', 'claude/alpha-detached-2'],
				['claude/alpha', 'claude-alpha-x'],
				['claude/alpha-x-y', 'claude/alpha-x-y-2', 'claude/alpha-x-y-3'],
				['claude/alpha-x-y-3', 'claude/alpha-x-y-2', 'claude/alpha-x-y'],
			],
		);
	});

	it('keep what can be read and typed, and nothing that cannot be seen', () => {
		const name = (branch: string): string => homeBranchName('{branch}', alpha, branch);
		assert.deepStrictEqual(
			['fix/#12 (now)', 'e\u0301', 'a\u3164b', 'a\u200db', '$(id)', 'x.lock', 'ветка', '--x--/..'].map(name),
			['fix/12-now', '\u00e9', 'a-b', 'a-b', 'id', 'x-lock', 'ветка', 'x'],
		);
	});

	it('are names that git accepts, whatever the session calls its branches, itself and its agent', () => {
		const templates = [headTemplate, otherTemplate, '{branch}', '{session}', '{agent}', '-{branch}.lock', '..', ''];
		const made = templates.flatMap((template) =>
			hostile.flatMap((text) => [
				homeBranchName(template, alpha, text),
				homeBranchName(template, { agent: text, name: text }, null),
			]),
		);
		assert.deepStrictEqual(refusedByGit([...new Set(made)]), []);
		assert.deepStrictEqual(
			made.filter((name) => !isPlainName(name) || Buffer.byteLength(name) > 200),
			[],
		);
	});

	it('are accepted by git and stable for random text', () => {
		const text = fc.oneof(
			fc.constantFrom(...hostile),
			fc.string({ unit: 'binary', maxLength: 300 }),
			fc.string({ unit: fc.constantFrom(...Array.from('a./-@{~ \u0301$HEAD')), maxLength: 12 }),
		);
		const template = fc.constantFrom(headTemplate, otherTemplate, '{branch}', '{agent}{session}{branch}');
		const made = fc
			.sample(fc.tuple(template, text, text, text), { seed: 4_242, numRuns: 3000 })
			.map(([template, agent, name, branch]) => {
				const name1 = homeBranchName(template, { agent, name }, branch);
				assert.equal(homeBranchName(template, { agent, name }, branch), name1);
				assert.ok(isPlainName(name1) && Buffer.byteLength(name1) <= 200, JSON.stringify(name1));
				assert.match(name1, /^[\p{L}\p{M}\p{N}_][\p{L}\p{M}\p{N}_./-]*$/u);
				return name1;
			});
		assert.deepStrictEqual(refusedByGit([...new Set(made)].slice(0, 250)), []);
	});

	it('that a person gives are taken only where git takes them', () => {
		const text = fc.oneof(
			fc.constantFrom(...hostile),
			fc.string({ unit: fc.constantFrom(...Array.from('ab./-@{}~^:?*[\\ \u007fé')), minLength: 1, maxLength: 8 }),
		);
		const given = [...new Set([...hostile, ...fc.sample(text, { seed: 7, numRuns: 200 })])].filter(
			(name) => !name.includes('\0'),
		);
		assert.deepStrictEqual(refusedByGit(given.filter(isBranchName)), []);
		const refused = new Set(refusedByGit(given));
		// Beyond git, only names that git would read as something other than a branch are refused.
		const stricter = given.filter((name) => !isBranchName(name) && !refused.has(name) && Buffer.byteLength(name) < 250);
		assert.deepStrictEqual(stricter.sort(), [
			'0123456789012345678901234567890123456789',
			'@',
			'FETCH_HEAD',
			'heads/main',
			'origin/main',
			'refs/heads/main',
			'\ud800',
		]);
		assert.equal(isBranchName('feature/x'), true);
	});
});

describe('names beside', () => {
	const beside = (name: string, taken: readonly string[], ignoreCase = false): unknown => {
		const found = besideName(name, new TakenNames(taken, ignoreCase));
		return found.clash ? [found.name] : found.name;
	};

	it('count up from what is taken, and avoid what cannot stand beside them', () => {
		assert.deepStrictEqual(
			{
				free: beside('claude/alpha', ['main']),
				taken: beside('claude/alpha', ['claude/alpha']),
				twice: beside('claude/alpha', ['claude/alpha', 'claude/alpha-2', 'claude/alpha-4']),
				fileForFolder: beside('claude/alpha', ['claude']),
				folderForFile: beside('claude/alpha', ['claude/alpha/x']),
				folderForTakenFlat: beside('claude/alpha', ['claude', 'claude-alpha']),
				caseApart: beside('claude/alpha', ['Claude/alpha']),
				caseSame: beside('claude/alpha', ['Claude/alpha'], true),
				caseOfFolder: beside('claude/alpha', ['Claude/beta'], true),
				caseFlat: beside('alpha', ['ALPHA'], true),
				caseSharpS: beside('x/straße', ['x/STRASSE'], true),
				encoding: beside('claude/\u00e9', ['claude/e\u0301']),
				encodingOfFolder: beside('\u00e9/x', ['e\u0301/y']),
			},
			{
				free: 'claude/alpha',
				taken: 'claude/alpha-2',
				twice: 'claude/alpha-3',
				fileForFolder: ['claude-alpha'],
				folderForFile: ['claude-alpha'],
				folderForTakenFlat: ['claude-alpha-2'],
				caseApart: 'claude/alpha',
				caseSame: ['claude-alpha'],
				caseOfFolder: ['claude-alpha'],
				caseFlat: ['alpha-2'],
				caseSharpS: ['x-straße'],
				encoding: ['claude-\u00e9'],
				encodingOfFolder: ['\u00e9-x'],
			},
		);
	});

	it('leave alone the names that another branch has by itself', () => {
		const reserved = new TakenNames(['a/b', 'a/b-2'], false);
		assert.deepStrictEqual(besideName('a/b', new TakenNames(['a/b'], false), reserved), {
			name: 'a/b-3',
			clash: false,
		});
	});

	it('are found again among the existing ones', () => {
		const find = namesBeside(['a/b', 'a/b-3', 'a/b-2', 'a-b', 'a/b-1', 'a/b-02', 'a/b-x', 'a/b-2-2', 'A/b', 'a/bc']);
		assert.deepStrictEqual(
			[find('a/b'), find('a/b-2'), find('none')],
			[['a/b', 'a-b', 'a/b-2', 'a/b-3'], ['a/b-2', 'a/b-2-2'], []],
		);
	});

	it('never clash, for any set of names', () => {
		const part = fc.constantFrom('a', 'A', 'b', '\u00e9', 'e\u0301', 'a-2');
		const name = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
		fc.assert(
			fc.property(fc.uniqueArray(name, { maxLength: 8 }), name, fc.boolean(), (names, wanted, ignoreCase) => {
				const taken = new TakenNames(names, ignoreCase);
				const found = besideName(wanted, taken).name;
				const fold = (text: string): string => (ignoreCase ? text.toUpperCase() : text).normalize('NFC');
				for (const other of names) {
					assert.notEqual(fold(found), fold(other));
					assert.ok(!fold(other).startsWith(`${fold(found)}/`) && !fold(found).startsWith(`${fold(other)}/`));
				}
				assert.deepStrictEqual(namesBeside([found])(wanted), [found]);
			}),
			{ seed: 11, numRuns: 500 },
		);
	});

	it('and the targets that were named are the refs that the facts need relations to', () => {
		const facts = {
			config: { headTemplate, otherTemplate, protectedBranches: [] },
			session: {
				...alpha,
				worktreeOfHome: false,
				branches: [
					{ name: 'main', isHead: true },
					{ name: 'x', isHead: false },
				],
			},
			home: {
				ignoreCase: false,
				worktrees: [],
				here: null,
				branches: new Map(
					['main', 'claude/alpha', 'claude/alpha-2', 'claude/alpha-x', 'mine', 'claude-alpha'].map((name) => [
						`refs/heads/${name}`,
						{ oid: '1', worktree: null },
					]),
				),
			},
		};
		const request = { strategy: 'branch', direction: 'home', branch: null, from: null } as const;
		const short = (refs: string[][]): string[] =>
			refs.map((refs) => refs.map((ref) => ref.replace('refs/heads/', '')).join(' '));
		assert.deepStrictEqual(
			[
				short(homeRefsOf(facts, request)),
				short(homeRefsOf(facts, { ...request, branch: 'mine' })),
				short(homeRefsOf(facts, { ...request, strategy: 'overwrite' })),
			],
			[
				['claude/alpha claude-alpha claude/alpha-2', 'claude/alpha-x'],
				['claude/alpha claude-alpha claude/alpha-2 mine', 'claude/alpha-x mine'],
				['claude/alpha claude-alpha claude/alpha-2 main', 'claude/alpha-x'],
			],
		);
	});
});
