import { type ConnectionFinding, type ConnectionTopic, findingSeverities } from '@headrace/core';

/** Findings on one topic are made alike. */
export const findingsOn =
  (topic: ConnectionTopic) =>
  (
    severity: ConnectionFinding['severity'],
    subject: string,
    message: string,
    remedy: string | null = null,
  ): ConnectionFinding => ({ topic, subject, severity, message, remedy });

/** Most important first; those of one severity in the order they were found. */
export const byImportance = (findings: readonly ConnectionFinding[]): readonly ConnectionFinding[] =>
  findingSeverities.flatMap((severity) => findings.filter((finding) => finding.severity === severity));

/** What a person should mend, in sentences. */
export const warningsOf = (findings: readonly ConnectionFinding[]): readonly string[] =>
  byImportance(findings)
    .filter(({ severity }) => severity === 'problem' || severity === 'warning')
    .map(({ message, remedy }) => (remedy === null ? message : `${message} ${remedy}`));
