import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { unauthorized } from './status.js';

/** What a user may do; a list that is missing allows all of its kind. */
export interface Rule {
	readonly namespaces?: readonly string[];
	readonly verbs?: readonly string[];
	/** Plural names, with the subresource: `pods`, `pods/exec`. */
	readonly resources?: readonly string[];
}

/** Who may do what. A user without rules of its own may do all; nobody in particular may do nothing. */
export interface Access {
	/** A new token for the user. */
	token(user: string): string;
	/** Ends a token: requests with it are answered with 401 from now on. */
	revoke(token: string): void;
	/** Gives a user these rules and no others; null for all. */
	allow(user: string, rules: readonly Rule[] | null): void;
	/** Who asks. Fails with a 401 where the token or the certificate is not known. */
	authenticate(request: IncomingMessage): string;
	/** `resource` is the plural name with the subresource. */
	allowed(user: string, verb: string, namespace: string, resource: string): boolean;
}

export const anonymous = 'system:anonymous';

export function createAccess(): Access {
	const tokens = new Map<string, string>();
	const rules = new Map<string, readonly Rule[]>([[anonymous, []]]);
	return {
		token: (user) => {
			const token = `double-${randomBytes(16).toString('hex')}`;
			tokens.set(token, user);
			return token;
		},
		revoke: (token) => tokens.delete(token),
		allow: (user, given) => {
			if (given === null) {
				rules.delete(user);
			} else {
				rules.set(user, given);
			}
		},
		authenticate: (request) => {
			const [, bearer] = /^Bearer (.*)$/.exec(request.headers.authorization ?? '') ?? [];
			if (bearer !== undefined) {
				const user = tokens.get(bearer);
				if (user === undefined) {
					throw unauthorized();
				}
				return user;
			}
			const socket = request.socket as TLSSocket;
			const { subject } = socket.getPeerCertificate();
			if (subject === undefined) {
				return anonymous;
			}
			if (!socket.authorized) {
				throw unauthorized();
			}
			return String(subject.CN);
		},
		allowed: (user, verb, namespace, resource) =>
			(rules.get(user) ?? [{}]).some(
				(rule) =>
					(rule.namespaces?.includes(namespace) ?? true) &&
					(rule.verbs?.includes(verb) ?? true) &&
					(rule.resources?.includes(resource) ?? true),
			),
	};
}
