import { readFileSync } from 'node:fs';

/** What a suite has written of its counts and of what failed, or null where it wrote nothing that can be believed. */
export function readReport(path) {
	try {
		const { passes, failures, pending, ended = true, failed = [] } = JSON.parse(readFileSync(path, 'utf8'));
		const counts = [passes, failures, pending].every((count) => Number.isSafeInteger(count) && count >= 0);
		const texts = Array.isArray(failed) && failed.every((text) => typeof text === 'string');
		return counts && texts && typeof ended === 'boolean' ? { passes, failures, pending, ended, failed } : null;
	} catch {
		return null;
	}
}

/**
 * What a suite counts for. Its report alone is not believed: a process that crashed, hung, ended before its tests did,
 * failed without a failed test, or ran nothing is one failure more.
 */
export function judgeSuite(name, { code, signal, timedOut, error }, report) {
	const { passes, failures, pending, failed } = report ?? { passes: 0, failures: 0, pending: 0, failed: [] };
	const problem = findProblem();
	return { name, passes, failures: problem === null ? failures : failures + 1, pending, failed, problem };

	function findProblem() {
		if (error !== undefined) {
			return `could not be started: ${error.message}`;
		}
		if (timedOut) {
			return 'did not end in time';
		}
		if (signal !== null) {
			return `was ended by ${signal}`;
		}
		if (report === null) {
			return `reported nothing, and ended with exit code ${code}`;
		}
		if (!report.ended) {
			return `ended before its tests did, with exit code ${code}`;
		}
		if (passes + failures + pending === 0) {
			return 'ran no test';
		}
		return code !== 0 && failures === 0 ? `ended with exit code ${code} though no test failed` : null;
	}
}

/** `3 passed, 0 failed`, with `, 1 skipped` where something was. */
export function countLine(results) {
	const sum = (key) => results.reduce((total, result) => total + result[key], 0);
	const skipped = sum('pending');
	return `${sum('passes')} passed, ${sum('failures')} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}

/** What failed, with its stacks. */
export function failedText(results) {
	return results.flatMap(({ failed }) => failed.map((text) => `FAILED ${text}\n\n`)).join('');
}
