import { InvalidArgumentError } from 'commander';
import { HomeportError } from '../core/base/errors.js';
import { describedWarningCodes } from '../core/model/words.js';

const forgetCode = 'forget:';

/** Adds what one `--accept` names to the codes before it; the name behind `forget:` is one code, whatever it holds. */
export function collectCodes(text: string, before: readonly string[]): string[] {
	const codes = text.startsWith(forgetCode) ? [text] : text.split(',').map((code) => code.trim());
	if (codes.some((code) => code === '')) {
		throw new InvalidArgumentError('A warning code is needed.');
	}
	return [...new Set([...before, ...codes])];
}

/** Fails with `usage` where a code is none that the command could ever ask for, and lists those that it could. */
export function requireKnownCodes(command: string, codes: readonly string[]): void {
	const forgets = command === 'forget';
	const unknown = codes.find((code) =>
		forgets ? !code.startsWith(forgetCode) || code === forgetCode : !describedWarningCodes.includes(code),
	);
	if (unknown !== undefined) {
		const known = forgets ? [`${forgetCode}SESSION`] : describedWarningCodes;
		throw new HomeportError('usage', {
			what: `There is no code "${unknown}" to accept for \`${command}\``,
			known,
			next: `The codes are: ${known.join(', ')}.`,
		});
	}
}
