import { ApiError } from '../errors/api-error.ts';

/** The two parts of a job created together with its rows. */
export interface MultipartJob {
  readonly job: string;
  readonly content: string;
}

const maxContentLength = 100_000;
/** The content, the job's description and what is around them. */
const maxBodyLength = 2 * maxContentLength;
const maxHeadLength = 2_000;

const malformed = (why: string): ApiError =>
  new ApiError(400, 'INVALID_MULTIPART_REQUEST', `The multipart body is not as expected: ${why}`);

const tooLong = (length: number): ApiError =>
  new ApiError(
    413,
    'REQUEST_TOO_LARGE',
    `The content of a multipart request has ${length} characters; at most ${maxContentLength} are accepted.`,
  );

/** The boundary of a `multipart/form-data` content type; undefined for any other type. */
export function boundaryOf(contentType: string | undefined): string | undefined {
  const match = /^multipart\/form-data\s*;.*\bboundary=(?:"([^"]{1,70})"|([^;\s]{1,70}))/i.exec(
    contentType ?? '',
  );
  return match?.[1] ?? match?.[2];
}

/** Takes a body apart into its parts "job" and "content". Throws an ApiError for anything else. */
export function readMultipartJob(body: string, boundary: string): MultipartJob {
  if (body.length > maxBodyLength) throw tooLong(body.length);
  const parts = new Map<string, string>();
  const raw = body.split(`--${boundary}`);
  if (!raw.at(-1)?.startsWith('--')) throw malformed('it does not end with its boundary.');
  for (const section of raw.slice(1, -1)) {
    const head = /^\r?\n([\s\S]*?)\r?\n\r?\n/.exec(section);
    const name = /content-disposition:[^\n]*\bname="(\w+)"/i.exec(
      head?.[1]?.slice(0, maxHeadLength) ?? '',
    )?.[1];
    if (head === null || name === undefined) throw malformed('a part has no name.');
    parts.set(name, section.slice(head[0].length).replace(/\r?\n$/, ''));
  }
  const [job, content] = [parts.get('job'), parts.get('content')];
  if (job === undefined || content === undefined || parts.size !== 2)
    throw malformed('it has to have the parts "job" and "content".');
  if (content.length > maxContentLength) throw tooLong(content.length);
  return { job, content };
}
