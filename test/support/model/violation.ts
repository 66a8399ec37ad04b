import { isHomeportError } from '../../../src/core/base/errors.js';
import type { SyncResult } from '../../../src/core/model/report.js';

/** The promise was broken: what, and the facts of it. */
export class Violation extends Error {
	constructor(what: string, facts: readonly string[] = []) {
		super([what, ...facts.slice(0, 12).map((fact) => `  ${fact}`)].join('\n'));
		this.name = 'Violation';
	}
}

/** Fails unless a result is one of these outcomes. */
export function requireSucceeded(result: SyncResult, outcomes: readonly string[]): void {
	if (!outcomes.includes(result.outcome)) {
		const { error } = result;
		const details = isHomeportError(error) ? `${error.code} ${JSON.stringify(error.details)}` : String(error);
		throw new Violation(`it ended ${result.outcome}`, [details, JSON.stringify(result.findings)]);
	}
}

/** Fails unless an error is one that may happen here. */
export function requireExpected(error: Error, codes: readonly string[]): void {
	if (!isHomeportError(error) || !codes.includes(error.code)) {
		const text = isHomeportError(error) ? `${error.code} ${JSON.stringify(error.details)}` : String(error.stack);
		throw new Violation('it failed', [text]);
	}
}
