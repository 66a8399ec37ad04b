export type BackendKind = 'kubernetes' | 'container' | 'local';

export type SessionState = 'running' | 'stopped' | 'pending' | 'error' | 'unreachable' | 'missing';

/** The pod of a session on a cluster, and what its files lie on. */
export interface PodPlace {
	readonly pod: string;
	/** How often the container that the session works in was started anew in this pod. */
	readonly restarts: number;
	/** The claim of the volume that the workspace is on, or null where it goes with its pod. */
	readonly claim: string | null;
	/** Null where there is no claim, or where it may not be read. */
	readonly storageClass: string | null;
}

/** One agent at work somewhere. `id` is `backend/scope/name`, without the scope where the backend has none. */
export interface Session {
	readonly id: string;
	readonly name: string;
	readonly backend: BackendKind;
	readonly scope: string;
	readonly agent: string;
	readonly state: SessionState;
	/** Why the session is in this state, where that is worth saying. */
	readonly reason: string | null;
	/** The folder of the repository, as the session sees it. */
	readonly workspace: string;
	/** The git folder that the user accepted when adding the session; where null, the one inside `workspace`. */
	readonly gitDir: string | null;
	/** What the backend knows of one life of the session's storage; part of the epoch. */
	readonly storage: string;
	/** The home that the session was added for, or null where it belongs to none by name. */
	readonly home: string | null;
	/** True for a linked worktree of home itself: its branches are home's already. */
	readonly worktreeOfHome: boolean;
	/** Where a session on a cluster is; missing where it has no pod. */
	readonly place?: PodPlace;
}

/** Makes the id of a session out of its parts. */
export function sessionId(backend: BackendKind, scope: string, name: string): string {
	return [backend, scope, name].filter((part) => part !== '').join('/');
}

/** The session's id as a part of a ref name: each part percent-encoded, so that any text is a valid ref. */
export function sessionRefName(id: string): string {
	return id.split('/').map(encodeRefPart).join('/');
}

/** The id that {@link sessionRefName} was made of. */
export function sessionIdOfRefName(refName: string): string {
	return refName.split('/').map(decodeURIComponent).join('/');
}

function encodeRefPart(part: string): string {
	const encoded = encodeURIComponent(part).replace(/[!'()*~]/g, percentEncode);
	return encoded.replace(/^\.|\.$|\.(?=\.)|\.lock$/g, (text) => text.replaceAll('.', '%2E'));
}

function percentEncode(character: string): string {
	return `%${character.codePointAt(0)!.toString(16).toUpperCase()}`;
}
