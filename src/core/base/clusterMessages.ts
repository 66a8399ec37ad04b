import type { ClusterErrorCode } from './errors.js';
import { sentence } from './facts.js';
import type { Facts, Words } from './facts.js';

const asked = (facts: Facts): string =>
	facts.say`context ${facts.quoted('context') ?? facts.say`of the kubeconfig`}${facts.in(' at {}', 'server')}`;

/** The words for what can go wrong with a cluster, and what to do about each. */
export const clusterWords: Readonly<Record<ClusterErrorCode, Words>> = {
	'kubeconfig-damaged': (facts) => ({
		message: facts.say`The kubeconfig${facts.in(' {}', 'path')} cannot be used: ${facts.first('reason') ?? facts.say`it cannot be read`}. ${facts.nothingChanged}`,
		next: {
			cli: 'Mend the file, or name another one with `--kubeconfig` or the variable KUBECONFIG.',
			ui: facts.say`Mend the file, or name another one in the setting homeport.kubeconfig.`,
		},
	}),
	'kubeconfig-foreign': (facts) => ({
		message: facts.say`The kubeconfig ${facts.first('path') ?? ''} stands inside ${facts.first('folder') ?? facts.say`a repository`}. A kubeconfig can start programs, so one that a repository or a session brings along is never used.`,
		next: {
			cli: 'Put it where only you write, and name that place in the variable KUBECONFIG.',
			ui: facts.say`Put it where only you write, and name that place in the setting homeport.kubeconfig.`,
		},
	}),
	'context-unknown': (facts) => ({
		message: facts.say`The kubeconfig has no context ${facts.quoted('context') ?? facts.say`of that name`}.${facts.in(' It has: {}.', 'known')}`,
		next: {
			cli: 'Name one of them with `--context`, or choose one with `kubectl config use-context`.',
			ui: facts.say`Choose what is looked at with "Homeport: Choose Kubernetes Contexts…".`,
		},
	}),
	'credentials-failed': (facts) => ({
		message: facts.say`No credentials could be got${facts.in(' from {}', 'command')}${facts.in(' for user {}', 'user')}: ${facts.first('reason') ?? facts.say`there are none`}${facts.in(' ({})', 'stderr')}. The cluster was not asked.`,
		next: facts.first('hint') ?? facts.say`Log in to the cluster as you would for kubectl, then try again.`,
	}),
	'cluster-unreachable': (facts) => ({
		message: facts.say`The cluster of ${asked(facts)} could not be reached: ${facts.first('reason') ?? facts.say`no connection`}. What is known of its sessions is kept.`,
		next: facts.say`See that the network, the VPN and the address are right; \`kubectl version\` asks the same server.`,
	}),
	'cluster-timed-out': (facts) => ({
		message: facts.say`The cluster of ${asked(facts)} gave no answer in time. What is known of its sessions is kept.`,
		next: facts.say`Try again; where it stays silent, look at the network and the VPN.`,
	}),
	'cluster-untrusted': (facts) => ({
		message: facts.say`The certificates of the connection to ${asked(facts)} do not fit: ${facts.first('reason') ?? facts.say`the check failed`}. Nothing was sent.`,
		next: facts.say`Ask who runs the cluster for its current certificate authority, and put it into the kubeconfig; a client certificate that has ended is renewed by logging in again.`,
	}),
	'cluster-unauthorized': (facts) => ({
		message: facts.say`The cluster of ${asked(facts)} does not accept the credentials.${facts.in(' It says: {}.', 'reason')}`,
		next: facts.say`Log in again, as you would for kubectl, then try again.`,
	}),
	'cluster-forbidden': (facts) => ({
		message: facts.say`The cluster of ${asked(facts)} does not let this user ${facts.first('what') ?? facts.say`do this`}.${facts.in(' It says: {}.', 'reason')}`,
		next: {
			cli: 'Ask for a role with the rights that docs/kubernetes.md lists, or name a namespace that you may use with `--namespace`.',
			ui: facts.say`Ask for a role with the rights that docs/kubernetes.md lists, or name a namespace that you may use in the setting homeport.kubernetes.namespaces.`,
		},
	}),
	'cluster-not-found': (facts) => ({
		message: facts.say`The cluster of ${asked(facts)} has nothing there to ${facts.first('what') ?? facts.say`look at`}.${facts.in(' It says: {}.', 'reason')}`,
		next: {
			cli: 'See that the namespace is right; `homeport list` shows what is there.',
			ui: facts.say`Refresh the sessions.`,
		},
	}),
	'cluster-expired': (facts) => ({
		message: facts.say`The cluster of ${asked(facts)} no longer has the state that was asked for.`,
		next: facts.say`Try again; a list from the beginning shows what is there now.`,
	}),
	'cluster-busy': (facts) => ({
		message: facts.say`The cluster of ${asked(facts)} is too busy to ${facts.first('what') ?? facts.say`answer`}.`,
		next: facts.say`Try again${facts.in(' in {} s', 'retryAfter') || facts.say` later`}.`,
	}),
	'cluster-failed': (facts) => ({
		message: sentence(
			facts.say`The cluster of ${asked(facts)} could not ${facts.first('what') ?? facts.say`answer`}${facts.in(' (HTTP {})', 'status')}${facts.in(': {}', 'reason')}`,
		),
		next: facts.say`Try again; where it stays so, ask who runs the cluster.`,
	}),
	'cluster-too-old': (facts) => ({
		message: facts.say`The cluster does not speak the protocols for commands that are needed (${facts.first('protocols') ?? facts.say`v5, v4`}). ${facts.nothingChanged}`,
		next: facts.say`A cluster of Kubernetes 1.6 or newer does; where a proxy stands before it, let WebSockets through.`,
	}),
};
