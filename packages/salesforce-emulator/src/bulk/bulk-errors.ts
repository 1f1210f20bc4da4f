import { ApiError } from '../errors/api-error.ts';

/** Refusals of whole Bulk API calls. Codes and texts as recorded by clients where they are known. */
export const bulkErrors = {
  invalidJob: (message: string): ApiError => new ApiError(400, 'INVALIDJOB', `InvalidJob : ${message}`),
  invalidEntity: (name: string): ApiError =>
    new ApiError(400, 'INVALIDENTITY', `InvalidEntity : Entity '${name}' is not supported by the Bulk API.`),
  invalidState: (message: string): ApiError => new ApiError(400, 'INVALIDJOBSTATE', message),
  invalidValue: (property: string, value: string): ApiError =>
    new ApiError(400, 'API_ERROR', `Invalid value: '${value}' supplied for property: '${property}'`),
  uploadedTwice: (jobId: string): ApiError =>
    new ApiError(
      400,
      'BULK_API_ERROR',
      `Found multiple contents for job: <${jobId.slice(0, 15)}>, please 'Close' / 'Abort' / 'Delete' the current Job then create a new Job and make sure you only do 'PUT' once on a given Job.`,
    ),
  exceededQuota: (): ApiError =>
    new ApiError(400, 'EXCEEDEDQUOTA', 'ExceededQuota : ApiBatchItems Limit exceeded.'),
  invalidUser: (): ApiError =>
    new ApiError(400, 'INVALIDUSER', 'InvalidUser : The job was created by another user.'),
};
