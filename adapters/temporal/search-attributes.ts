/** Registers search attributes with a Temporal server that does not know them yet. */
import type { Client, OperatorService } from '@temporalio/client';
import type { SearchAttributeType } from '@temporalio/common';
import proto from '@temporalio/proto';

interface SearchAttribute {
  readonly name: string;
  readonly type: SearchAttributeType;
}

/** Idempotent. Errors: of the server, when it lacks one and does not let us add it. */
export async function ensureSearchAttributes(
  client: Client,
  attributes: readonly SearchAttribute[],
): Promise<void> {
  const { namespace } = client.options;
  const { operatorService } = client.connection as { operatorService?: OperatorService };
  if (operatorService === undefined) return;
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const missing = attributes.filter(({ name }) => customAttributes[name] === undefined);
  if (missing.length === 0) return;
  const { INDEXED_VALUE_TYPE_KEYWORD } = proto.temporal.api.enums.v1.IndexedValueType;
  await operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(
      missing.map(({ name }) => [name, INDEXED_VALUE_TYPE_KEYWORD]),
    ),
  });
}
