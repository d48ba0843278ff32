//! The words of the running commentary. `{0}` is the object's name.

use crate::view::Remark;

/// The words of the commentary in one language.
pub struct CommentaryTexts {
    /// The heading, and the switch's name.
    pub title: &'static str,
    /// Said while nothing has happened yet.
    pub none: &'static str,
    /// Stands for sentences that are not read out because they came too fast.
    pub more: fn(usize) -> String,
    /// One sentence.
    pub remark: fn(Remark) -> &'static str,
}

pub(super) const EN: CommentaryTexts = CommentaryTexts {
    title: "Commentary",
    none: "Nothing has been decided yet.",
    more: |count| format!("And {count} more."),
    remark: english,
};

pub(super) const KO: CommentaryTexts = CommentaryTexts {
    title: "해설",
    none: "아직 아무것도 정해지지 않았어요.",
    more: |count| format!("그 밖에 {count}가지 일이 있었어요."),
    remark: korean,
};

#[rustfmt::skip]
fn english(remark: Remark) -> &'static str {
    use Remark as R;
    match remark {
        R::Made => "The StatefulSet makes {0}: ordinal {1} had no pod.",
        R::ScaledDown => "The StatefulSet deletes {0}: ordinal {1} is beyond replicas, and the highest goes first.",
        R::Replaced => "The StatefulSet deletes {0}: it runs an old revision.",
        R::FinishedRemoved => "The StatefulSet deletes {0}: it had ended.",
        R::TooMany => "The ReplicaSet deletes {0}: it came first in the order of deletion.",
        R::WaitsRunning => "{0} waits: {1} does not run yet.",
        R::WaitsReady => "{0} waits: {1} is not ready yet.",
        R::WaitsAvailable => "{0} waits: {1} has not been ready for long enough.",
        R::WaitsGone => "{0} waits: {1} is still going.",
        R::WaitsStaleClaim => "{0} waits: an old claim of {1} must go first.",
        R::WaitsForClaims => "The scheduler leaves {0}: its claims are not bound ({1}).",
        R::ClaimUnusable => "The scheduler leaves {0}: a claim of it cannot be used.",
        R::NoNodes => "The scheduler finds no node for {0}: there is none.",
        R::NoNodeFits => "The scheduler finds no node for {0}: none of {1} fits.",
        R::Placed => "The scheduler puts {0} on {1}; {2} nodes would have done.",
        R::VolumesFor => "The scheduler has volumes bound for {0} on {1}.",
        R::Ready => "{0} is ready: endpoints and DNS may name it.",
        R::Unready => "{0} is not ready any more: endpoints and DNS drop it.",
        R::Gone => "{0} is gone: all its processes have ended.",
        R::Bound => "The claim {0} is bound to {1}.",
        R::ClaimWaitsForPod => "The claim {0} waits until a pod uses it.",
        R::ClaimWaitsForNode => "The claim {0} waits until {1} has a node.",
        R::ClaimNoClass => "The claim {0} has no class, and no volume fits.",
        R::ClaimWaitsForVolume => "The claim {0} waits for a volume of class {1}.",
        R::ClaimKept => "The claim {0} is kept with its bytes.",
        R::Pulling => "The kubelet pulls an image for {0}.",
        R::Pulled => "The image for {0} is on the node.",
        R::Started => "The kubelet has started a container of {0}.",
        R::Killing => "The kubelet stops a container of {0}.",
        R::Unhealthy => "A probe of {0} has failed.",
        R::BackOff => "The kubelet tries {0} again later.",
        R::Failed => "The kubelet could not start a container of {0}.",
        R::FailedMount => "The kubelet could not mount a volume of {0}.",
        R::FailedAttach => "A volume of {0} could not be attached.",
        R::Attached => "A volume of {0} is attached to its node.",
        R::Evicted => "{0} is evicted.",
        R::Preempted => "{0} makes room for a more important pod.",
        R::NodeLost => "{0} counts as not ready: its node does not report.",
        R::NodeReady => "The node {0} is ready.",
        R::NodeNotReady => "The node {0} does not report: it counts as not ready.",
        R::NodeCordoned => "The node {0} takes no new pods.",
        R::Provisioned => "A volume was made for the claim {0}.",
        R::NotProvisioned => "No volume could be made for the claim {0}.",
        R::ScalingReplicaSet => "The Deployment {0} scales one of its ReplicaSets.",
        R::ControllerMade => "The {1} {0} makes a pod.",
        R::ControllerRemoved => "The {1} {0} deletes a pod.",
        R::ControllerFailed => "The {1} {0} could not make a pod.",
        R::JobDone => "The job {0} is done.",
        R::JobGaveUp => "The job {0} gives up.",
    }
}

#[rustfmt::skip]
fn korean(remark: Remark) -> &'static str {
    use Remark as R;
    match remark {
        R::Made => "스테이트풀셋이 {0} 파드를 만들어요. {1}번에 파드가 없었어요.",
        R::ScaledDown => "스테이트풀셋이 {0} 파드를 지워요. {1}번은 replicas를 넘고, 높은 번호부터 지워요.",
        R::Replaced => "스테이트풀셋이 {0} 파드를 지워요. 이전 리비전이에요.",
        R::FinishedRemoved => "스테이트풀셋이 {0} 파드를 지워요. 이미 끝났어요.",
        R::TooMany => "레플리카셋이 {0} 파드를 지워요. 지우는 순서에서 가장 앞이었어요.",
        R::WaitsRunning => "{0} 스테이트풀셋이 기다려요. {1} 파드가 아직 실행되지 않아요.",
        R::WaitsReady => "{0} 스테이트풀셋이 기다려요. {1} 파드가 아직 준비되지 않았어요.",
        R::WaitsAvailable => "{0} 스테이트풀셋이 기다려요. {1} 파드가 준비된 지 얼마 안 됐어요.",
        R::WaitsGone => "{0} 스테이트풀셋이 기다려요. {1} 파드가 아직 나가는 중이에요.",
        R::WaitsStaleClaim => "{0} 스테이트풀셋이 기다려요. {1} 파드의 이전 클레임이 먼저 사라져야 해요.",
        R::WaitsForClaims => "스케줄러가 {0} 파드를 미뤄요. 바인딩되지 않은 클레임이 있어요({1}).",
        R::ClaimUnusable => "스케줄러가 {0} 파드를 미뤄요. 쓸 수 없는 클레임이 있어요.",
        R::NoNodes => "스케줄러가 {0} 파드를 둘 곳을 찾지 못해요. 노드가 없어요.",
        R::NoNodeFits => "스케줄러가 {0} 파드를 둘 곳을 찾지 못해요. 노드 {1}개 가운데 알맞은 노드가 없어요.",
        R::Placed => "스케줄러가 {0} 파드를 {1} 노드에 둬요. 알맞은 노드가 {2}개였어요.",
        R::VolumesFor => "스케줄러가 {1} 노드에 맞춰 {0} 파드의 볼륨을 바인딩해요.",
        R::Ready => "{0} 파드가 준비됐어요. 엔드포인트와 DNS에 들어가요.",
        R::Unready => "{0} 파드가 준비되지 않은 상태예요. 엔드포인트와 DNS에서 빠져요.",
        R::Gone => "{0} 파드가 사라졌어요. 프로세스가 모두 끝났어요.",
        R::Bound => "{0} 클레임이 {1} 볼륨에 바인딩됐어요.",
        R::ClaimWaitsForPod => "{0} 클레임이 쓰는 파드가 생길 때까지 기다려요.",
        R::ClaimWaitsForNode => "{0} 클레임이 {1} 파드의 노드가 정해질 때까지 기다려요.",
        R::ClaimNoClass => "{0} 클레임에 클래스가 없고 알맞은 볼륨도 없어요.",
        R::ClaimWaitsForVolume => "{0} 클레임이 {1} 클래스의 볼륨을 기다려요.",
        R::ClaimKept => "{0} 클레임은 데이터와 함께 남아요.",
        R::Pulling => "kubelet이 {0} 파드의 이미지를 내려받아요.",
        R::Pulled => "{0} 파드의 이미지가 노드에 있어요.",
        R::Started => "kubelet이 {0} 파드의 컨테이너를 시작했어요.",
        R::Killing => "kubelet이 {0} 파드의 컨테이너를 멈춰요.",
        R::Unhealthy => "{0} 파드의 프로브가 실패했어요.",
        R::BackOff => "kubelet이 {0} 파드를 나중에 다시 시도해요.",
        R::Failed => "kubelet이 {0} 파드의 컨테이너를 시작하지 못했어요.",
        R::FailedMount => "kubelet이 {0} 파드의 볼륨을 마운트하지 못했어요.",
        R::FailedAttach => "{0} 파드의 볼륨을 노드에 연결하지 못했어요.",
        R::Attached => "{0} 파드의 볼륨이 노드에 연결됐어요.",
        R::Evicted => "{0} 파드가 축출돼요.",
        R::Preempted => "{0} 파드가 더 중요한 파드에 자리를 내줘요.",
        R::NodeLost => "{0} 파드를 준비되지 않은 것으로 봐요. 노드가 보고하지 않아요.",
        R::NodeReady => "{0} 노드가 준비됐어요.",
        R::NodeNotReady => "{0} 노드가 보고하지 않아서 준비되지 않은 것으로 봐요.",
        R::NodeCordoned => "{0} 노드가 새 파드를 받지 않아요.",
        R::Provisioned => "{0} 클레임의 볼륨이 만들어졌어요.",
        R::NotProvisioned => "{0} 클레임의 볼륨을 만들지 못했어요.",
        R::ScalingReplicaSet => "{0} 디플로이먼트가 레플리카셋의 수를 바꿔요.",
        R::ControllerMade => "{0}({1})에서 파드를 만들어요.",
        R::ControllerRemoved => "{0}({1})에서 파드를 지워요.",
        R::ControllerFailed => "{0}({1})에서 파드를 만들지 못했어요.",
        R::JobDone => "{0} 잡이 끝났어요.",
        R::JobGaveUp => "{0} 잡이 포기했어요.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Language;

    #[test]
    fn every_sentence_uses_the_values_that_it_is_given() {
        for language in Language::ALL {
            let texts = &language.texts().commentary;
            for remark in Remark::ALL {
                let text = (texts.remark)(*remark);
                assert!(text.ends_with('.'), "{text}");
                for place in 0..4 {
                    let used = text.contains(&format!("{{{place}}}"));
                    assert_eq!(used, place < remark.values(), "{remark:?}: {text}");
                }
            }
        }
    }
}
