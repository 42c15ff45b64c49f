<?xml version="1.0" encoding="UTF-8"?>
<!-- API keys: the list and the form that makes one. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="api-keys">
<section aria-labelledby="api-keys-heading" id="settings-security-api-keys">
<h2 id="api-keys-heading">API keys</h2>
<xsl:apply-templates select="error" mode="form"><xsl:with-param name="prefix">settings-security-api-key</xsl:with-param></xsl:apply-templates>
<xsl:apply-templates select="." mode="rows"/>
<xsl:if test="@first='no' or @next">
<nav class="pager" aria-label="Pages of API keys">
<xsl:if test="@first='no'"><a href="/settings/security#api-keys-heading">First page</a></xsl:if>
<xsl:if test="@next"><a rel="next" href="/settings/security?keys_after={@next}#api-keys-heading">Next page</a></xsl:if>
</nav>
</xsl:if>
<xsl:apply-templates select="form"/>
</section>
</xsl:template>

<xsl:template match="api-keys" mode="rows"><p class="empty">There is no API key<xsl:if test="@first='no'"> after these</xsl:if>. Programs need one to use the API.</p></xsl:template>
<xsl:template match="api-keys[api-key]" mode="rows" priority="1">
<div class="table-frame">
<table class="stacked" id="settings-security-api-key-list">
<caption class="visually-hidden">API keys; the keys themselves are never shown again</caption>
<thead><tr><th scope="col">Name</th><th scope="col">Scopes</th><th scope="col">Projects</th><th scope="col">Status</th><th scope="col">Created</th><th scope="col">Last used</th><th scope="col">Expires</th><th scope="col">Revoked</th><xsl:if test="@may-manage='yes'"><th scope="col">Change</th></xsl:if></tr></thead>
<tbody><xsl:apply-templates select="api-key" mode="row"/></tbody>
</table>
</div>
</xsl:template>

<xsl:template match="api-key" mode="row">
<tr id="settings-security-api-key-{@id}">
<th scope="row" data-label="Name" class="long"><xsl:value-of select="@key-name"/><xsl:text> </xsl:text><span class="fine">…<xsl:value-of select="@hint"/></span></th>
<td data-label="Scopes"><xsl:apply-templates select="scope"/></td>
<td data-label="Projects"><xsl:apply-templates select="." mode="projects"/></td>
<td data-label="Status" id="settings-security-api-key-status-{@id}"><span class="status {@status}"><xsl:value-of select="@status"/></span></td>
<td data-label="Created"><span><time datetime="{@created-at}"><xsl:value-of select="@created-at-text"/></time> <span class="fine long">by <xsl:value-of select="@created-by"/></span></span></td>
<td data-label="Last used"><xsl:call-template name="time-or"><xsl:with-param name="at" select="@last-used-at"/><xsl:with-param name="text" select="@last-used-at-text"/><xsl:with-param name="else">never</xsl:with-param></xsl:call-template></td>
<td data-label="Expires" id="settings-security-api-key-expires-at-{@id}"><xsl:call-template name="time-or"><xsl:with-param name="at" select="@expires-at"/><xsl:with-param name="text" select="@expires-at-text"/><xsl:with-param name="else">never</xsl:with-param></xsl:call-template></td>
<td data-label="Revoked" id="settings-security-api-key-revoked-at-{@id}"><xsl:call-template name="time-or"><xsl:with-param name="at" select="@revoked-at"/><xsl:with-param name="text" select="@revoked-at-text"/><xsl:with-param name="else">–</xsl:with-param></xsl:call-template></td>
<xsl:if test="../@may-manage='yes'"><td data-label="Change"><xsl:apply-templates select="." mode="change"/></td></xsl:if>
</tr>
</xsl:template>

<xsl:template match="api-key/scope"><code class="scope-name"><xsl:value-of select="@name"/></code><xsl:text> </xsl:text></xsl:template>
<xsl:template match="api-key" mode="projects"><span class="fine">all</span></xsl:template>
<xsl:template match="api-key[@all-projects='no']" mode="projects"><span class="fine long"><xsl:for-each select="project"><xsl:value-of select="@id"/><xsl:text> </xsl:text></xsl:for-each></span></xsl:template>

<xsl:template match="api-key" mode="change">
<form id="settings-security-revoke-api-key-{@id}" method="post" action="/settings/security/api-keys/{@id}/revoke">
<input type="hidden" name="_csrf" value="{../form/@csrf}"/>
<button type="submit" class="quiet danger">Revoke…<span class="visually-hidden"><xsl:text> </xsl:text><xsl:value-of select="@key-name"/></span></button>
</form>
</xsl:template>
<xsl:template match="api-key[@status='revoked']" mode="change"><span class="fine">–</span></xsl:template>

<xsl:template name="time-or">
<xsl:param name="at"/>
<xsl:param name="text"/>
<xsl:param name="else"/>
<xsl:choose>
<xsl:when test="$at"><time datetime="{$at}"><xsl:value-of select="$text"/></time></xsl:when>
<xsl:otherwise><span class="fine"><xsl:value-of select="$else"/></span></xsl:otherwise>
</xsl:choose>
</xsl:template>

<xsl:template match="api-keys/form">
<details class="panel make">
<xsl:if test="../error"><xsl:attribute name="open">open</xsl:attribute></xsl:if>
<summary>Make an API key</summary>
<form id="settings-security-api-key-form" class="grid" method="post" action="/settings/security/api-keys">
<input type="hidden" name="_csrf" value="{@csrf}"/>
<p class="field"><label for="api-key-name">Name</label>
<input id="api-key-name" name="api_key[name]" type="text" value="{@key-name}" autocomplete="off" spellcheck="false" autocapitalize="none" required="required"><xsl:call-template name="api-key-described"><xsl:with-param name="field">name</xsl:with-param></xsl:call-template></input>
<span class="hint" id="api-key-name-hint">Which program it is for, such as <code>ci/deploy</code>.</span></p>
<p class="field"><label for="api-key-expires-at">Expires at (UTC)</label>
<input id="api-key-expires-at" name="api_key[expires_at]" type="datetime-local" value="{@expires-at}" autocomplete="off"><xsl:call-template name="api-key-described"><xsl:with-param name="field">expires_at</xsl:with-param></xsl:call-template></input>
<span class="hint" id="api-key-expires-at-hint">May be left empty: then it works until it is revoked.</span></p>
<fieldset class="field"><legend>Scopes</legend>
<xsl:call-template name="scope-box"><xsl:with-param name="scope">secrets:read</xsl:with-param><xsl:with-param name="what">read metadata</xsl:with-param></xsl:call-template>
<xsl:call-template name="scope-box"><xsl:with-param name="scope">secrets:write</xsl:with-param><xsl:with-param name="what">store, rotate and revoke</xsl:with-param></xsl:call-template>
<xsl:call-template name="scope-box"><xsl:with-param name="scope">secrets:resolve</xsl:with-param><xsl:with-param name="what">be given values</xsl:with-param></xsl:call-template>
<xsl:call-template name="scope-box"><xsl:with-param name="scope">runs:write</xsl:with-param><xsl:with-param name="what">report runs</xsl:with-param></xsl:call-template>
<xsl:call-template name="scope-box"><xsl:with-param name="scope">audit:read</xsl:with-param><xsl:with-param name="what">read the audit</xsl:with-param></xsl:call-template>
<xsl:call-template name="scope-box"><xsl:with-param name="scope">metrics:read</xsl:with-param><xsl:with-param name="what">read /metrics</xsl:with-param></xsl:call-template>
</fieldset>
<p class="field"><label for="api-key-projects">Projects</label>
<input id="api-key-projects" name="api_key[projects]" type="text" value="{@projects}" autocomplete="off" spellcheck="false" autocapitalize="none"><xsl:call-template name="api-key-described"><xsl:with-param name="field">projects</xsl:with-param></xsl:call-template></input>
<span class="hint" id="api-key-projects-hint">Ids with commas between, to limit the key to them; empty: all projects.</span></p>
<p class="actions"><button type="submit">Make key</button></p>
</form>
</details>
</xsl:template>

<xsl:template name="scope-box">
<xsl:param name="scope"/>
<xsl:param name="what"/>
<label class="box"><input type="checkbox" name="api_key[scopes]" value="{$scope}"><xsl:if test="contains(concat(',', @scopes, ','), concat(',', $scope, ','))"><xsl:attribute name="checked">checked</xsl:attribute></xsl:if><xsl:if test="../error/@field = 'scopes'"><xsl:attribute name="aria-invalid">true</xsl:attribute><xsl:attribute name="aria-describedby">settings-security-api-key-error</xsl:attribute></xsl:if></input><span><code><xsl:value-of select="$scope"/></code><xsl:text> </xsl:text><span class="fine"><xsl:value-of select="$what"/></span></span></label>
</xsl:template>

<xsl:template name="api-key-described">
<xsl:param name="field"/>
<xsl:variable name="hint" select="concat('api-key-', translate($field, '_', '-'), '-hint')"/>
<xsl:for-each select="..">
<xsl:call-template name="described">
<xsl:with-param name="field" select="$field"/>
<xsl:with-param name="hint" select="$hint"/>
<xsl:with-param name="prefix">settings-security-api-key</xsl:with-param>
</xsl:call-template>
</xsl:for-each>
</xsl:template>
</xsl:stylesheet>
