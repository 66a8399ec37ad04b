import { isHomeportError } from '../../base/errors.js';

const firstMs = 1000;
const longestMs = 60_000;

/**
 * Milliseconds to wait after the `failures`th failure in a row (from 1): twice as long each time, a minute at most, and
 * never sooner than a `Retry-After` asks for. `random`, from 0 to 1, spreads callers who failed together over half of it.
 */
export function backoffMs(failures: number, error: unknown, random: number): number {
	const doubled = Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 16));
	const asked = isHomeportError(error) ? Number(error.details['retryAfter'] ?? 0) * 1000 : 0;
	return Math.round(Math.max(doubled / 2 + (doubled / 2) * random, Math.min(asked, 10 * longestMs)));
}
