import type { Command } from 'commander';
import { shownText } from '../../core/base/text.js';
import { versioned } from '../documents.js';
import type { Run } from '../run.js';

/** `doctor` and `version`. */
export function registerAboutCommands(program: Command, run: Run, version: string): void {
	program
		.command('doctor')
		.description('whether everything that Homeport needs is in order')
		.action((_options: object, command: Command) =>
			run(command, async (call) => {
				const checks = await (await call.home()).doctor(call.running);
				const ok = checks.every((check) => check.ok);
				const shown = checks.map(({ name, ok, detail, fix }) => ({
					name: shownText(name),
					ok,
					detail: shownText(detail),
					fix: fix === null ? null : shownText(fix),
				}));
				call.print(versioned({ ok, checks: shown }), () =>
					shown.flatMap((check) => [
						`${check.ok ? call.style('good', 'ok ') : call.style('bad', 'bad')} ${check.name}: ${check.detail}`,
						...(check.ok || check.fix === null ? [] : [`    ${check.fix}`]),
					]),
				);
				return ok ? 0 : 1;
			}),
		);

	program
		.command('version')
		.description('the version of Homeport and of Node')
		.action((_options: object, command: Command) =>
			run(command, async (call) => {
				call.print(versioned({ version, node: process.versions.node }), () => [
					`homeport ${version} (Node ${process.versions.node})`,
				]);
				return 0;
			}),
		);
}
