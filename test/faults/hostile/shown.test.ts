import assert from 'node:assert/strict';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeError } from '../../../src/core/base/messages.js';
import type { Progress } from '../../../src/core/model/report.js';
import { asWritten } from '../../../src/core/base/say.js';
import { progressText } from '../../../src/core/model/progressWords.js';
import { warningText } from '../../../src/core/model/words.js';
import { harmless, HostileRoom, unsafeText } from '../../support/hostileSession.js';

const oddNames: readonly (readonly [string, string | Buffer])[] = [
	['escape codes', 'a\u001b[31mred\u001b[0m'],
	['a title of a terminal', 'a\u001b]0;title\u0007'],
	['text that runs the other way', 'a\u202etxt.exe'],
	['what cannot be seen', 'a\u200b\u2060b'],
	['a newline', 'two\nlines'],
	['a newline at its end', 'line\n'],
	['a carriage return', 'one\rtwo'],
	['a tab', 'one\ttwo'],
	['the character that the script puts for a newline', 'one\u0001two'],
	['a space at both ends', ' space '],
	['a dash', '-rf'],
	['an option', '--help'],
	['pathspec magic', ':(exclude)*'],
	['a backslash', 'back\\slash'],
	['quotes', '"quoted"\'s'],
	['words of a shell', '$(id)`id`;id&'],
	['a percent', '%2e%2E%0a'],
	['bytes that are no text', Buffer.from([0x61, 0xff, 0xfe, 0x80])],
	['a mark of a field', '@end'],
	['words of the script', 'add ? 0 x'],
	['an asterisk', '*'],
];

describe('hostile session: names and words', () => {
	let room: HostileRoom;
	beforeEach(() => {
		room = new HostileRoom();
	});
	afterEach(() => {
		room.dispose();
	});
	const capture = 'refs/homeport/sessions/local/evil/capture';

	/** The paths of a commit, byte for byte. */
	function paths(commit: string): string[] {
		const listed = room.git(room.home, 'ls-tree', '-r', '-z', '--name-only', '--full-tree', commit);
		return listed.split('\0');
	}

	for (const kind of ['untracked', 'changed', 'staged', 'deleted'] as const) {
		it(`takes ${kind} files under any name`, async () => {
			const names = oddNames.map(([, name]) => Buffer.from(name as string));
			const write = (text: string): void =>
				names.forEach((name) => writeFileSync(Buffer.concat([Buffer.from(`${room.evil}/`), name]), text));
			if (kind !== 'untracked') {
				write('first\n');
			}
			if (kind === 'changed' || kind === 'deleted') {
				room.commitAll();
			}
			await room.add();
			if (kind === 'staged') {
				room.git(room.evil, 'add', '-A');
			} else if (kind === 'deleted') {
				names.forEach((name) => rmSync(Buffer.concat([Buffer.from(`${room.evil}/`), name])));
				room.write('draft.txt', 'never committed\n');
			} else {
				write('second\n');
			}
			const before = room.portrait();
			const verdicts = await room.attack('branch');
			const [entry] = await (await room.open()).ledger('local/evil');
			const standing = new Set(paths(capture));
			const wrong = oddNames.filter(
				([, name]) => standing.has(Buffer.from(name as string).toString('utf8')) === (kind === 'deleted'),
			);
			assert.deepStrictEqual(
				{
					...(await room.aftermath(before, verdicts)),
					outcome: verdicts[0]!.outcome,
					wrong: wrong.map(([what]) => what),
					quiet: entry!.capture?.quiet,
					missing: entry!.missing,
				},
				{ ...harmless, outcome: 'synced', wrong: [], quiet: true, missing: [] },
			);
			assert.doesNotMatch(verdicts[0]!.words, unsafeText);
		});
	}

	it('shows nothing of a session as it is, in plans, results, status, ledger, progress and errors', async () => {
		const evil = '\u001b[31mred\u202etxt\u0007\u200b';
		room.write('.gitattributes', '* filter=x\n');
		room.write(`${evil}/.envrc`, 'id\n');
		room.write(`${evil}/Makefile`, 'all:\n');
		symlinkSync(`/${evil}`, join(room.evil, `${evil}-link`));
		room.commitAll(`${evil}\n\n${evil}`);
		room.git(room.evil, 'branch', 'other-\u202ebranch');
		room.git(room.evil, 'branch', 'zero\u200bwidth');
		await room.add();
		const homeport = await room.open();
		const session = await homeport.find('evil');
		const progress: Progress[] = [];
		const plan = await homeport.plan(
			session,
			{ strategy: 'overwrite', direction: 'home', branch: 'main', from: null },
			{ onProgress: (step) => progress.push(step) },
		);
		const texts = [
			...plan.warnings.map((warning) => warningText(warning, 'cli')),
			...plan.findings.flatMap((finding) => [finding.path, finding.detail]),
			...plan.refs.map((change) => change.ref),
			...progress.map((step) => progressText(step, asWritten)),
		];
		room.write('.git/config', `[${evil}\n`);
		const failed = await homeport.rescue(session);
		const [status] = await homeport.status([session]);
		texts.push(describeError(failed.error, 'cli').message, status!.unknown?.reason ?? '');
		assert.ok(texts.length > 8);
		assert.deepStrictEqual(
			texts.filter((text) => unsafeText.test(text)),
			[],
		);
	});
});
