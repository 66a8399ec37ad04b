import { HomeportError, errorText, isHomeportError } from '../../base/errors.js';
import type { ErrorCode } from '../../base/errors.js';
import { shownText } from '../../base/text.js';

/** What a request was about, for the words of its failure. */
export interface Asked {
	readonly context: string;
	readonly server: string;
	/** What was asked for, such as `list pods in agents`. */
	readonly what: string;
}

/** An answer of an API server that is no success. */
export interface Refusal {
	readonly status: number;
	/** The `message` of the Status object, or the body's beginning. */
	readonly message: string;
	/** Seconds of `Retry-After`, null where there was none. */
	readonly retryAfter: number | null;
}

/** The error that an answer with this HTTP status stands for. */
export function refusalError(asked: Asked, { status, message, retryAfter }: Refusal): HomeportError {
	const details = {
		...asked,
		status,
		reason: shownText(message, 1000),
		...(retryAfter === null ? {} : { retryAfter }),
	};
	return new HomeportError(codeOfStatus(status), details);
}

/** The message of an answer: that of a Status object, or the beginning of any other text. */
export function refusalMessage(body: string): string {
	try {
		const parsed: unknown = JSON.parse(body);
		if (typeof parsed === 'object' && parsed !== null && 'message' in parsed) {
			return String(parsed.message);
		}
	} catch {
		// It is text.
	}
	return body.slice(0, 1000).trim();
}

/** The error that a failure before any answer stands for. */
export function connectionError(asked: Asked, error: unknown): HomeportError {
	if (isHomeportError(error)) {
		return error;
	}
	const causes = causesOf(error);
	const code = causes.map((cause) => ('code' in cause && typeof cause.code === 'string' ? cause.code : cause.name));
	const said = causes.map(errorText).find((text) => text !== '' && text !== 'fetch failed') ?? errorText(error);
	const details = { ...asked, reason: shownText(said, 1000) };
	if (code.some((one) => certificateCodes.test(one))) {
		return new HomeportError('cluster-untrusted', details, error);
	}
	if (code.some((one) => timeoutCodes.test(one))) {
		return new HomeportError('cluster-timed-out', details, error);
	}
	return new HomeportError('cluster-unreachable', details, error);
}

// https://nodejs.org/api/tls.html#x509-certificate-error-codes, and what OpenSSL says of a client's own certificate
const certificateCodes = /CERT|_SIGNATURE|ALTNAME|^ERR_TLS|^ERR_SSL|^EPROTO$/;
const timeoutCodes = /^(?:ETIMEDOUT|UND_ERR_\w*TIMEOUT|TimeoutError|ABORT_ERR)$/;

function causesOf(error: unknown): Error[] {
	const found: Error[] = [];
	for (let cause = error; cause instanceof Error && found.length < 10; cause = cause.cause) {
		found.push(cause);
		if (cause instanceof AggregateError) {
			found.push(...cause.errors.filter((each) => each instanceof Error));
		}
	}
	return found;
}

function codeOfStatus(status: number): ErrorCode {
	switch (status) {
		case 401:
			return 'cluster-unauthorized';
		case 403:
			return 'cluster-forbidden';
		case 404:
			return 'cluster-not-found';
		case 410:
			return 'cluster-expired';
		case 429:
			return 'cluster-busy';
		default:
			return 'cluster-failed';
	}
}
