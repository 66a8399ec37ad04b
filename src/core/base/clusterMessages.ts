import type { ClusterErrorCode } from './errors.js';
import { sentence } from './facts.js';
import type { Facts, Words } from './facts.js';

const nothingChanged = 'Nothing of yours was changed.';
const asked = (facts: Facts): string =>
	`context ${facts.quoted('context') ?? 'of the kubeconfig'}${facts.in(' at {}', 'server')}`;

/** The words for what can go wrong with a cluster, and what to do about each. */
export const clusterWords: Readonly<Record<ClusterErrorCode, Words>> = {
	'kubeconfig-damaged': (facts) => ({
		message: `The kubeconfig${facts.in(' {}', 'path')} cannot be used: ${facts.first('reason') ?? 'it cannot be read'}. ${nothingChanged}`,
		next: {
			cli: 'Mend the file, or name another one with `--kubeconfig` or the variable KUBECONFIG.',
			ui: 'Mend the file, or name another one in the setting homeport.kubeconfig.',
		},
	}),
	'kubeconfig-foreign': (facts) => ({
		message: `The kubeconfig ${facts.first('path') ?? ''} stands inside ${facts.first('folder') ?? 'a repository'}. A kubeconfig can start programs, so one that a repository or a session brings along is never used.`,
		next: {
			cli: 'Put it where only you write, and name that place in the variable KUBECONFIG.',
			ui: 'Put it where only you write, and name that place in the setting homeport.kubeconfig.',
		},
	}),
	'context-unknown': (facts) => ({
		message: `The kubeconfig has no context ${facts.quoted('context') ?? 'of that name'}.${facts.in(' It has: {}.', 'known')}`,
		next: {
			cli: 'Name one of them with `--context`, or choose one with `kubectl config use-context`.',
			ui: 'Choose what is looked at with "Homeport: Choose Kubernetes Contexts…".',
		},
	}),
	'credentials-failed': (facts) => ({
		message: `No credentials could be got${facts.in(' from {}', 'command')}${facts.in(' for user {}', 'user')}: ${facts.first('reason') ?? 'there are none'}${facts.in(' ({})', 'stderr')}. The cluster was not asked.`,
		next: facts.first('hint') ?? 'Log in to the cluster as you would for kubectl, then try again.',
	}),
	'cluster-unreachable': (facts) => ({
		message: `The cluster of ${asked(facts)} could not be reached: ${facts.first('reason') ?? 'no connection'}. What is known of its sessions is kept.`,
		next: 'See that the network, the VPN and the address are right; `kubectl version` asks the same server.',
	}),
	'cluster-timed-out': (facts) => ({
		message: `The cluster of ${asked(facts)} gave no answer in time. What is known of its sessions is kept.`,
		next: 'Try again; where it stays silent, look at the network and the VPN.',
	}),
	'cluster-untrusted': (facts) => ({
		message: `The certificates of the connection to ${asked(facts)} do not fit: ${facts.first('reason') ?? 'the check failed'}. Nothing was sent.`,
		next: 'Ask who runs the cluster for its current certificate authority, and put it into the kubeconfig; a client certificate that has ended is renewed by logging in again.',
	}),
	'cluster-unauthorized': (facts) => ({
		message: `The cluster of ${asked(facts)} does not accept the credentials.${facts.in(' It says: {}.', 'reason')}`,
		next: 'Log in again, as you would for kubectl, then try again.',
	}),
	'cluster-forbidden': (facts) => ({
		message: `The cluster of ${asked(facts)} does not let this user ${facts.first('what') ?? 'do this'}.${facts.in(' It says: {}.', 'reason')}`,
		next: {
			cli: 'Ask for a role with the rights that docs/kubernetes.md lists, or name a namespace that you may use with `--namespace`.',
			ui: 'Ask for a role with the rights that docs/kubernetes.md lists, or name a namespace that you may use in the setting homeport.kubernetes.namespaces.',
		},
	}),
	'cluster-not-found': (facts) => ({
		message: `The cluster of ${asked(facts)} has nothing there to ${facts.first('what') ?? 'look at'}.${facts.in(' It says: {}.', 'reason')}`,
		next: { cli: 'See that the namespace is right; `homeport list` shows what is there.', ui: 'Refresh the sessions.' },
	}),
	'cluster-expired': (facts) => ({
		message: `The cluster of ${asked(facts)} no longer has the state that was asked for.`,
		next: 'Try again; a list from the beginning shows what is there now.',
	}),
	'cluster-busy': (facts) => ({
		message: `The cluster of ${asked(facts)} is too busy to ${facts.first('what') ?? 'answer'}.`,
		next: `Try again${facts.in(' in {} s', 'retryAfter') || ' later'}.`,
	}),
	'cluster-failed': (facts) => ({
		message: sentence(
			`The cluster of ${asked(facts)} could not ${facts.first('what') ?? 'answer'}${facts.in(' (HTTP {})', 'status')}${facts.in(': {}', 'reason')}`,
		),
		next: 'Try again; where it stays so, ask who runs the cluster.',
	}),
	'cluster-too-old': (facts) => ({
		message: `The cluster does not speak the protocols for commands that are needed (${facts.first('protocols') ?? 'v5, v4'}). ${nothingChanged}`,
		next: 'A cluster of Kubernetes 1.6 or newer does; where a proxy stands before it, let WebSockets through.',
	}),
};
