import { globSync, readFileSync } from 'node:fs';
import { HomeportError } from '../../src/core/base/errors.js';
import type { ErrorCode } from '../../src/core/base/errors.js';
import { describeError, describedErrorCodes } from '../../src/core/base/messages.js';
import { progressText } from '../../src/core/model/progressWords.js';
import type { SyncPhase } from '../../src/core/model/report.js';
import { asWritten } from '../../src/core/base/say.js';
import type { Translate } from '../../src/core/base/say.js';
import type { FindingCode } from '../../src/core/model/finding.js';
import type { WarningCode } from '../../src/core/model/warning.js';
import { describedFindingCodes, describedWarningCodes, findingText, warningText } from '../../src/core/model/words.js';

/** What details may say that chooses between sentences. */
const telling = ['', 'no', 'am', 'detached', 'index-lock', 'second-checkout', 'auto-theirs', 'x'];
const originReasons = [
	'no-branch',
	'no-upstream',
	'diverged',
	'dirty-in-way',
	'home-busy',
	'goes-elsewhere',
	'has-hook',
	'runs-on-push',
	'unreachable',
	'timed-out',
	'not-allowed',
	'moved-on',
	'declined',
	'gone',
	'failed',
];

const phases: readonly SyncPhase[] = ['observe', 'fetch', 'inspect', 'adopt', 'plan', 'apply', 'push'];

/** Details of which every one has this value. */
function all(value: unknown): Record<string, unknown> {
	return new Proxy({}, { get: () => value });
}

/** What the doctor says, and the reasons that errors and states of sessions carry, as they stand in the source. */
function textsBeside(): string[] {
	const found = (files: string, pattern: RegExp): string[] =>
		globSync(files).flatMap((file) => [...readFileSync(file, 'utf8').matchAll(pattern)].map(([, text]) => text!));
	const said = found('src/core/doctor.ts', /say`([^`]*)`/g).map((text) => {
		let index = 0;
		return text.replaceAll(/\$\{[^}]*\}/g, () => `{${index++}}`);
	});
	return [
		...said,
		...found('src/core/**/*.ts', /\b(?:reason|what): '([^' ]+ [^']*)'/g),
		...found('src/core/backends/kubernetes/podState.ts', /'(its [^']*)'/g),
		...found('src/core/git/session/**/*.sh', /fail git-missing "([^"$]*)"/g),
		...found('src/core/backends/local/gitFolder.ts', /'(th(?:is|ere) [^']*)'/g),
		...found('src/core/**/*.ts', /\breason(?::| =) `([^`$]* [^`$]*): \$/g),
		...found('src/core/backends/kubernetes/connection.ts', /[?:] `([^`$]*): \$/g),
	];
}

/** Every text of the core that VS Code shows in its own language, as it is in the source. */
export function coreTexts(): string[] {
	const texts = new Set(textsBeside());
	const record: Translate = (text, ...values) => {
		texts.add(text);
		return asWritten(text, ...values);
	};
	const many = Array.from({ length: 20 }, (_, index) => `x${index}`);
	for (const code of describedErrorCodes) {
		for (const details of [{}, all('x'), all(many), { folder: 'x' }, { path: 'x' }]) {
			describeError(new HomeportError(code as ErrorCode, details), 'ui', record);
		}
	}
	for (const code of describedWarningCodes as WarningCode[]) {
		for (const level of ['ask', 'note'] as const) {
			for (const of of [0, 1, 2, 3, many, [], ...telling]) {
				warningText({ code, level, details: all(of) as never }, 'ui', record);
			}
			for (const reason of code.startsWith('origin') ? originReasons : []) {
				warningText({ code, level, details: { reason, said: 'x' } }, 'ui', record);
			}
			for (const details of [
				{ unpushed: 1, lost: 2 },
				{ unpushed: 2, lost: 3 },
				{ unpushed: 2, lost: 2 },
				{ known: 1, commits: 2, target: 'x', how: 'x' },
				{ known: 2, commits: 2, target: 'x', how: 'x' },
				{ known: 1, commits: 1, target: 'x', how: 'x' },
				{ beside: 'refs/heads/x', operation: 'rebase', files: ['x'] },
				{ operation: 'second-checkout' },
				{ wanted: 'x', ref: 'refs/heads/x' },
			]) {
				warningText({ code, level, details }, 'ui', record);
			}
		}
	}
	for (const code of describedFindingCodes as FindingCode[]) {
		findingText({ code, level: 'block', path: 'x', detail: '' } as never, record);
	}
	for (const phase of phases) {
		for (const step of ['pack', 'move', 'unpack'] as const) {
			progressText({ session: 'x', phase, moved: { step, objects: 1, of: 2, bytes: 3 } }, record);
		}
	}
	return [...texts];
}
