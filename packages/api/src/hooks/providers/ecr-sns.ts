import { DimgxError } from '@dimgx/core';
import { type Hook, type HookRequest, type HookTools, type Notice, parseBody, parseJson } from '../hook.ts';
import { pushesIn } from '../push-events.ts';
import { isSignedBy, type SnsMessage, snsMessageSchema } from '../sns-message.ts';
import { ecrPushes, eventBridgeSchema } from './ecr.ts';

/** SNS tries for an hour at the most before it gives up, unless it is told otherwise. Milliseconds. */
const oldest = 60 * 60 * 1000;

/** Amazon's registry, by an EventBridge rule with an SNS topic that this hook subscribes to over HTTPS. */
export function ecrSns(topicArn: string, { fetchText }: HookTools): Hook {
  return {
    async authenticate(request) {
      const message = messageOf(request);
      const now = Date.now();
      if (message?.TopicArn !== topicArn || !(now - Date.parse(message.Timestamp) < oldest)) return false;
      return isSignedBy(message, await fetchText(new URL(message.SigningCertURL)), now);
    },
    read(request): Notice {
      const message = parseBody(request, snsMessageSchema);
      if (message.Type === 'SubscriptionConfirmation') {
        return { kind: 'confirmation', url: new URL(message.SubscribeURL) };
      }
      if (message.Type === 'UnsubscribeConfirmation') return pushesIn([]);
      return ecrPushes(parseJson(message.Message, eventBridgeSchema));
    },
  };
}

function messageOf(request: HookRequest): SnsMessage | undefined {
  try {
    return parseBody(request, snsMessageSchema);
  } catch (error) {
    // What can't be read is nobody's.
    if (error instanceof DimgxError && error.code === 'REQUEST_INVALID') return undefined;
    throw error;
  }
}
